"""Talks with live models: saying something, choosing, taking back, asking again.

Everything is written under the sitting's lock, so two tabs of one person queue up; a message carries an id of its own,
so that sending it twice says it once.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotation.errors import Refused
from annotation.interfaces import chat, pairwise
from annotation.models import (
    Assignment,
    ChatAnswer,
    ChatSession,
    ChatTurn,
    GenerationRequest,
    Project,
    Prompt,
    Rater,
    Source,
)
from annotation.selectors.chats import finished, standing_of, system_of, text_of, topic_of, turns_of
from annotation.selectors.labelling import settings_of
from annotation.services.generation import cancel_generation, request_generation, retry_generation
from annotation.services.leases import hold, seen
from annotation.services.sides import draw_sides
from annotation.services.sittings import lock_sitting
from annotation.snapshot_format import message_digest, split_key

PROMPT_SET = "chat"  # of prompts that stand for a moment of a talk; they are published nowhere


@dataclass(frozen=True)
class Held:
    """A lease of somebody, locked, with the settings of its task."""

    lease: Assignment
    settings: chat.Settings
    turns: list[ChatTurn]

    @property
    def open(self) -> ChatTurn | None:
        return self.turns[-1] if self.turns and finished(self.turns[-1]) is None else None


def look(project: Project, *, by, token: UUID):
    """The talk as it stands. Where the prompt is the first message, it is said when somebody looks first."""
    lease = _lease(project, by=by, token=token)
    settings = settings_of(lease.sitting)
    if settings.opening == "message" and not ChatSession.objects.filter(assignment=lease).exists():
        _begin(project, by=by, token=token)
    return standing_of(lease, settings)


def _lease(project: Project, *, by, token: UUID) -> Assignment:
    lease = (
        Assignment.objects.filter(token=token, rater__user=by, item__project=project, item__interface=chat.NAME)
        .select_related("item__prompt", "sitting__task")
        .first()
    )
    if lease is None or lease.sitting is None:
        raise Refused("This chat was never handed to you here.", code="unknown_lease", status=404)
    return lease


def _held(project: Project, *, by, token: UUID) -> Held:
    """The lease, open to be talked on. Locks the sitting, holds its leases."""
    lease = _lease(project, by=by, token=token)
    sitting = lock_sitting(project, by=by, token=token)
    lease = _lease(project, by=by, token=token)
    if lease.state == Assignment.State.DONE:
        raise Refused("This chat was rated already. Undo the rating to go on.", code="already_answered", status=409)
    if sitting.ended_at:
        raise Refused("The sitting has ended, and with it this chat.", code="sitting_ended", status=409)
    hold(sitting, lease_seconds=project.lease_seconds)
    seen(sitting)
    return Held(lease, settings_of(lease.sitting), turns_of(lease))


@transaction.atomic
def _begin(project: Project, *, by, token: UUID) -> None:
    held = _held(project, by=by, token=token)
    opening = topic_of(held.lease.item.prompt.messages)
    if opening and not held.turns:
        _say(project, held, opening, by=by)


@transaction.atomic
def say(project: Project, *, by, token: UUID, submission: UUID, text: str) -> ChatTurn:
    """Say something; every model of the task is asked to answer. Wakes a worker on `sample` for each.

    Raises Refused: nothing written or too much, the last responses not chosen between, as many turns as there may be.
    """
    held = _held(project, by=by, token=token)
    if again := ChatTurn.objects.filter(submission=submission).first():
        if again.session.assignment_id != held.lease.pk:
            raise Refused("This message belongs to another chat.", code="submission_reused", status=409)
        return again
    text = text.replace("\x00", "").strip()
    if not text:
        raise Refused("Write a message first.", code="empty")
    if len(text) > chat.MESSAGE_LIMIT:
        raise Refused(f"A message has at most {chat.MESSAGE_LIMIT:,} characters; this one {len(text):,}.", code="long")
    if held.open:
        raise Refused("Choose between the last responses first.", code="open_turn", status=409)
    if len(held.turns) >= held.settings.most_turns:
        raise Refused(f"A chat has at most {held.settings.most_turns} turns here. End it and rate it.", code="turns")
    return _say(project, held, text, by=by, submission=submission)


def _say(project: Project, held: Held, text: str, *, by, submission: UUID | None = None) -> ChatTurn:
    sources = _sources(project, held.settings)
    session, _ = ChatSession.objects.get_or_create(assignment=held.lease)
    before = [turn for turn in map(finished, held.turns) if turn]
    system = system_of(held.lease.item.prompt.messages)
    messages = [{"role": role, "content": said} for role, said in chat.messages_of(system, before, text)]
    prompt = Prompt.objects.create(
        project=project,
        messages=messages,
        digest=message_digest(messages),
        split_key=split_key(messages),
        prompt_set=PROMPT_SET,
        published=False,
    )
    turn = ChatTurn.objects.create(
        session=session,
        number=len(held.turns) + 1,
        said=text,
        order=_order(held.lease.rater, len(sources)),
        **({"submission": submission} if submission else {}),
    )
    sampling = {"temperature": held.settings.temperature, "max_new_tokens": held.settings.max_new_tokens}
    for index, source in enumerate(sources):
        request = request_generation(
            project,
            source=source,
            prompts=[prompt],
            sampling=sampling | {"seed": secrets.randbelow(2**31)},
            by=by,
            stream=True,
        )
        ChatAnswer.objects.create(turn=turn, index=index, request=request)
    return turn


def _sources(project: Project, settings: chat.Settings) -> list[Source]:
    wanted = [uid for uid in (settings.first, settings.second) if uid]
    known = {str(source.uid): source for source in Source.objects.filter(project=project, uid__in=wanted)}
    if not wanted or any(uid not in known for uid in wanted):
        raise Refused(
            "No model answers here yet: a lead chooses one in the settings of this task.", code="no_model", status=409
        )
    return [known[uid] for uid in wanted]


def _order(rater: Rater, count: int) -> list[int]:
    """Which model stands left this time, balanced over everything this person was shown."""
    if count == 1:
        return [0]
    rater.refresh_from_db(fields=["left_count", "right_count"])
    return draw_sides(rater, 2)


@transaction.atomic
def choose(project: Project, *, by, token: UUID, number: int, grade: int | None, alone: bool = False) -> None:
    """Which response is better, on the scale of the task; the talk goes on with it. After a tie, with either.

    `alone` takes the only response that came, and compares nothing. The same choice again changes nothing.
    """
    held = _held(project, by=by, token=token)
    turn = next((turn for turn in held.turns if turn.number == number), None)
    if turn is None or turn is not held.turns[-1]:
        raise Refused("The chat has gone on since. Nothing was changed.", code="gone_on", status=409)
    texts = [text_of(answer) for answer in turn.answers.all()]
    there = [index for index, text in enumerate(texts) if text is not None]
    if alone:
        if not there:
            raise Refused("No response has come that the chat could go on with.", code="no_response", status=409)
        values = {"grade": None, "scale": None, "chosen": there[0]}
    else:
        scale = held.settings.scale
        if len(there) < 2:
            raise Refused("Wait for both responses, or go on with the one that came.", code="not_yet", status=409)
        if grade is None or not 1 <= grade <= scale:
            raise Refused(f"Choose a cell from 1 to {scale}.", code="grade")
        strength = pairwise.strength({"grade": grade, "scale": scale}, turn.order)
        chosen = secrets.choice(turn.order) if strength == 0 else int(strength < 0)
        if (turn.grade, turn.scale) == (grade, scale):
            return
        values = {"grade": grade, "scale": scale, "chosen": chosen}
    ChatTurn.objects.filter(pk=turn.pk).update(**values, chosen_at=timezone.now())
    for answer in turn.answers.all():
        cancel_generation(answer.request)


@transaction.atomic
def take_back(project: Project, *, by, token: UUID, number: int, chosen: bool) -> str:
    """Undo the last step of the talk: a choice, or else the message itself, whose text is returned.

    `number` and `chosen` say what the page thinks the last step is; if it is another, nothing happens.
    """
    held = _held(project, by=by, token=token)
    turn = held.turns[-1] if held.turns else None
    if turn is None or turn.number != number or (turn.chosen is not None) != chosen:
        return ""
    if chosen:
        ChatTurn.objects.filter(pk=turn.pk).update(grade=None, scale=None, chosen=None, chosen_at=None)
        return ""
    for answer in turn.answers.all():
        cancel_generation(answer.request)
    turn.delete()
    return turn.said


@transaction.atomic
def ask_again(project: Project, *, by, token: UUID, number: int) -> int:
    """Ask every model again whose response failed. Returns how many."""
    held = _held(project, by=by, token=token)
    if held.open is None or held.open.number != number:
        return 0
    ended = (GenerationRequest.State.FAILED, GenerationRequest.State.CANCELLED)
    failed = [answer.request for answer in held.open.answers.all() if answer.request.state in ended]
    for request in failed:
        retry_generation(request, by=by)
    return len(failed)
