"""When work is done: from what is still wanted and what the last days brought. Pure.

The rate is the mean of the last days, today left out because it is not over. The range comes from how much the days
differed: the mean ± 1.96 standard errors. It says how sure one can be if the days go on as they were; holidays and
new people it does not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt

Z = 1.96
DAYS = 7
FARTHEST = 3_650  # days; beyond that nobody plans


@dataclass(frozen=True)
class Finish:
    """`day` is None where no date can be said; `soonest` and `latest` are its range, `latest` None for “never”."""

    wanted: int
    rate: float
    days: int
    day: date | None = None
    soonest: date | None = None
    latest: date | None = None


def finish_of(wanted: int, counts: Sequence[int], today: date) -> Finish:
    """`counts`: answers on each of the last whole days, oldest first."""
    days = len(counts)
    rate = sum(counts) / days if days else 0.0
    if not wanted or not rate:
        return Finish(wanted, rate, days)
    spread = sqrt(sum((count - rate) ** 2 for count in counts) / (days - 1) / days) if days > 1 else 0.0
    return Finish(
        wanted,
        rate,
        days,
        _day(today, wanted, rate),
        _day(today, wanted, rate + Z * spread),
        _day(today, wanted, rate - Z * spread),
    )


def _day(today: date, wanted: int, rate: float) -> date | None:
    if rate <= 0 or wanted / rate > FARTHEST:
        return None
    return today + timedelta(days=ceil(wanted / rate))


def cost_of(pay: float | None, unit: str, *, active_ms: int, answers: int) -> float | None:
    """What work costs: by hours of active time, or by answers; None where no pay is set."""
    if pay is None:
        return None
    return float(pay) * (active_ms / 3_600_000 if unit == "hour" else answers)
