"""A talk as its page shows it: what was said, what is being answered, and what stands in the way.

Nothing here names a model: sides are letters, drawn for each turn on the server.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Prefetch
from django.utils import timezone

from annotation.assignment import idle_after_seconds
from annotation.interfaces import chat
from annotation.listening import silence_of
from annotation.models import Assignment, ChatAnswer, ChatTurn, GenerationRequest, GenerationRow
from annotation.selectors.generations import partial_answers

LETTERS = "AB"
State = GenerationRequest.State
QUIET_AFTER = timedelta(seconds=4)  # then the page says that nobody has begun
SLOW_AFTER = timedelta(seconds=8)
DEAD_AFTER = timedelta(seconds=8)  # a worker beats every second or two while it answers


@dataclass(frozen=True)
class Side:
    """One response on its way. `state`: waiting, writing, done or failed; `words` say what stands in the way."""

    letter: str
    state: str
    text: str
    words: str = ""
    index: int = 0
    why: str = ""  # names the model: for leads who ask


@dataclass(frozen=True)
class Standing:
    """A talk as it stands. `stage`: write, wait, choose, broken (a response is missing) or over."""

    stage: str
    system: list[str]
    topic: str
    turns: list[ChatTurn]
    open: ChatTurn | None
    sides: list[Side]
    settings: chat.Settings
    idle_after_seconds: int

    @property
    def may_end(self) -> bool:
        return self.stage in ("write", "over") and len(self.turns) >= self.settings.least_turns

    @property
    def may_say(self) -> bool:
        return self.stage == "write" and len(self.turns) < self.settings.most_turns


def turns_of(lease: Assignment) -> list[ChatTurn]:
    """The turns of a lease's talk with everything that was answered. Four queries, whatever their number."""
    rows = Prefetch("request__rows", GenerationRow.objects.select_related("completion"))
    answers = ChatAnswer.objects.select_related("request__source").prefetch_related(rows)
    turns = ChatTurn.objects.filter(session__assignment=lease).prefetch_related(Prefetch("answers", answers))
    return list(turns.order_by("number"))


def text_of(answer: ChatAnswer) -> str | None:
    """The stored response, None where there is none yet."""
    row = next(iter(answer.request.rows.all()), None)
    return row.completion.text if row and row.completion else None


def system_of(messages: list[dict]) -> list[str]:
    return [str(turn["content"]) for turn in messages if turn["role"] == "system"]


def topic_of(messages: list[dict]) -> str:
    return next((str(turn["content"]) for turn in reversed(messages) if turn["role"] == "user"), "")


def finished(turn: ChatTurn) -> chat.Turn | None:
    """A turn that the talk has gone on from; with one model its response is enough. None while it is open."""
    texts = [text_of(answer) for answer in turn.answers.all()]
    chosen = 0 if len(texts) == 1 and texts[0] is not None else turn.chosen
    if chosen is None or texts[chosen] is None:
        return None
    graded = turn.grade is not None and all(text is not None for text in texts)
    return chat.Turn(
        turn.said,
        tuple(text or "" for text in texts) if graded or len(texts) == 1 else (texts[chosen],),
        tuple(turn.order) if graded or len(texts) == 1 else (0,),
        turn.grade if graded else None,
        turn.scale if graded else None,
        chosen if graded or len(texts) == 1 else 0,
    )


def talk_of(lease: Assignment) -> chat.Talk:
    """The talk for the record."""
    turns = [finished(turn) for turn in turns_of(lease)]
    done = tuple(turn for turn in turns if turn is not None)
    return chat.Talk(tuple(system_of(lease.item.prompt.messages)), done, waiting=len(done) < len(turns))


def standing_of(lease: Assignment, settings: chat.Settings) -> Standing:
    """Of a lease with its item and prompt."""
    turns = turns_of(lease)
    last = turns[-1] if turns and finished(turns[-1]) is None else None
    sides = [_side(last, letter, index) for letter, index in zip(LETTERS, last.order, strict=False)] if last else []
    done = [turn for turn in turns if turn is not last]
    if last:
        states = {side.state for side in sides}
        stage = "wait" if states & {"waiting", "writing"} else "broken" if "failed" in states else "choose"
    else:
        stage = "write" if len(done) < settings.most_turns else "over"
    messages = lease.item.prompt.messages
    words = sum(len(side.text.split()) for side in sides) + sum(len(turn.said.split()) for turn in turns)
    return Standing(
        stage=stage,
        system=system_of(messages),
        topic=topic_of(messages),
        turns=done,
        open=last,
        sides=sides,
        settings=settings,
        idle_after_seconds=idle_after_seconds(words),
    )


def _side(turn: ChatTurn, letter: str, index: int) -> Side:
    answer = next(answer for answer in turn.answers.all() if answer.index == index)
    request, text = answer.request, text_of(answer)
    if text is not None:
        return Side(letter, "done", text, index=index)
    partial = next(iter(partial_answers(request).values()), None)
    so_far = partial.text if partial else ""
    if request.state == State.FAILED:
        return Side(letter, "failed", so_far, _why(so_far), index, request.error)
    if request.state == State.CANCELLED:
        return Side(letter, "failed", so_far, "It was cancelled.", index)
    return Side(letter, "writing" if so_far else "waiting", so_far, _patience(request, so_far), index)


def _why(so_far: str) -> str:
    return "The response broke off in the middle." if so_far else "No response came from this model."


def _patience(request: GenerationRequest, so_far: str) -> str:
    """What a reader should know while it takes long, within ten seconds of its beginning."""
    now = timezone.now()
    if request.state == State.QUEUED:
        waited = now - request.created_at
        if waited > QUIET_AFTER and silence_of("sample"):
            return (
                "Nobody works on responses at the moment. Your message is kept and answered as soon as somebody does."
            )
        if waited > SLOW_AFTER:
            return f"The workers are busy: waiting for {waited.seconds} s."
        return ""
    if request.heartbeat_at and now - request.heartbeat_at > DEAD_AFTER:
        return "Its worker fell silent. It is asked again by itself; nothing you wrote is lost."
    if not so_far and now - request.created_at > SLOW_AFTER:
        return f"No word yet after {(now - request.created_at).seconds} s: the model is slow, or being loaded."
    return ""
