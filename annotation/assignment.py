"""Who gets what, on which side, for how long, and how their time counts. Pure.

Sides: a fair coin, until one side is ahead by `STICK`; then the other side is due (the big-stick design of Soares and
Wu). Unlike strict alternation nobody can foresee the next side, unlike a plain coin no annotator ends up lopsided.

Active time: what the page reports, within what is possible. Reading without touching anything counts for as long as
reading the whole text slowly would take; after that the clock stands until the next sign of life.
"""

from datetime import datetime, timedelta
from random import Random

STICK = 3
IDLE_SITTING = timedelta(minutes=30)
READING_WORDS_PER_SECOND = 2.5  # 150 words a minute: slow, careful reading
IDLE_FLOOR_SECONDS = 45
IDLE_CEILING_SECONDS = 300


def draw_order(count: int, first_left: int, first_right: int, rng: Random) -> list[int]:
    """True indices in the order to show. For pairs balanced against the hand-outs this person had so far."""
    if count != 2:
        return rng.sample(range(count), count)
    lead = first_left - first_right
    if abs(lead) >= STICK:
        return [1, 0] if lead > 0 else [0, 1]
    return rng.choice([[0, 1], [1, 0]])


def lease_until(now: datetime, lease_seconds: int) -> datetime:
    return now + timedelta(seconds=lease_seconds)


def is_idle(last_seen_at: datetime, now: datetime) -> bool:
    """Whether a sitting has been left alone long enough to end."""
    return now - last_seen_at >= IDLE_SITTING


def idle_after_seconds(words: int) -> int:
    """How long a page with this many words may be read without a touch before its clock stands."""
    return int(min(IDLE_CEILING_SECONDS, max(IDLE_FLOOR_SECONDS, words / READING_WORDS_PER_SECOND)))


def credited_ms(claimed, *, before: int, handed_at: datetime, now: datetime) -> int:
    """Active milliseconds to keep: never less than before, never more than the time since the item was handed out."""
    if isinstance(claimed, bool) or not isinstance(claimed, int | float) or claimed != claimed:
        return before
    possible = max(0, int((now - handed_at).total_seconds() * 1000))
    return max(before, min(int(max(0, min(claimed, possible))), possible))
