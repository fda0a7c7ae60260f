"""Captured feedback: what a product's users said of completions, or did with them, becomes judgments.

A thumb is a thumb. Copying and regenerating are thumbs that nobody gave (`implicit`), which a snapshot takes only if
its policy says so. An edited text is an edit. Every event is stored once, however often it is sent.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import (
    CaptureKey,
    Completion,
    Item,
    ItemCompletion,
    Judgment,
    JudgmentRevision,
    Project,
    Prompt,
    Rater,
    Source,
)
from annotation.services.audit import record
from annotation.services.content import (
    CompletionRow,
    get_or_create_completions,
    get_or_create_prompt,
    get_or_create_source,
)
from annotation.services.judgments import payload_of

PER_MINUTE = 600
QUEUE = "capture"
THUMBS = {"up": True, "down": False, "copied": True, "regenerated": False}
IMPLICIT = ("copied", "regenerated")
FEEDBACK = (*THUMBS, "edited")
_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")
_NAMESPACE = uuid5(NAMESPACE_URL, "plumbline:capture")


@dataclass(frozen=True)
class Event:
    """One thing that one user of the product said or did. `id` is the product's own; `user` is kept hashed."""

    id: str
    messages: list[dict]
    completion: str
    feedback: str
    source: str = ""
    edit: str = ""
    reasons: list[str] = field(default_factory=list)
    comment: str = ""
    user: str = ""
    at: datetime | None = None


@transaction.atomic
def create_key(project: Project, *, by, name: str, origins: str = "") -> tuple[CaptureKey, str]:
    """A key and its secret, which nobody can read again. Raises Refused for an origin that is none."""
    listed = list(dict.fromkeys(word.lower().rstrip("/") for word in origins.split()))
    if wrong := [origin for origin in listed if not _ORIGIN.fullmatch(origin)]:
        message = f"{wrong[0][:80]} is no origin. An origin is a scheme and a host, such as https://app.example.org."
        raise Refused(message, code="origins", problems=[{"path": "origins", "message": message}])
    secret = f"capture_{secrets.token_urlsafe(32)}"
    key = CaptureKey.objects.create(
        project=project, name=name, begins=secret[:12], key_sha256=_hashed(secret), origins=listed, created_by=by
    )
    record(project, by=by, action="capture_key.create", target=name, after={"origins": listed})
    return key, secret


@transaction.atomic
def revoke_key(key: CaptureKey, *, by) -> None:
    """From now on the key takes nothing in. What it took in stays."""
    if CaptureKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record(key.project_id, by=by, action="capture_key.revoke", target=key.name)


def key_of(slug: str, secret: str) -> CaptureKey | None:
    """The living key of the project; None where there is none."""
    living = CaptureKey.objects.select_related("project").filter(project__slug=slug, revoked_at=None)
    return living.filter(key_sha256=_hashed(secret)).first()


def allows(slug: str, origin: str) -> bool:
    """Whether a living key of the project lists the origin: what a browser asks before it sends one."""
    keys = CaptureKey.objects.filter(project__slug=slug, revoked_at=None).values_list("origins", flat=True)
    return any(origin.lower() in origins for origins in keys)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def capture(key: CaptureKey, event: Event) -> bool:
    """Store the event; False if it was stored before. Events of one key come in one after the other.

    Raises Refused (429) beyond PER_MINUTE calls in a minute.
    """
    now = timezone.now()
    key = CaptureKey.objects.select_for_update().get(pk=key.pk)
    _count(key, now)
    submission = uuid5(_NAMESPACE, f"{key.project_id}:{event.id}")
    if JudgmentRevision.objects.filter(submission=submission).exists():
        return False
    judgment = _judgment(key, event, now)
    judgment.save()
    JudgmentRevision.objects.create(
        judgment=judgment,
        number=judgment.revision,
        kind=JudgmentRevision.Kind.CHANGE if judgment.revision > 1 else JudgmentRevision.Kind.GIVE,
        submission=submission,
        payload={**payload_of(judgment), "value": judgment.value},
        at=now,
    )
    CaptureKey.objects.filter(pk=key.pk).update(taken=key.taken + 1)
    return True


def _count(key: CaptureKey, now: datetime) -> None:
    minute = now.replace(second=0, microsecond=0)
    calls = key.in_minute + 1 if key.minute == minute else 1
    if calls > PER_MINUTE:
        raise Refused(
            f"More than {PER_MINUTE} calls in a minute. Send it again in the next one.", code="too_many", status=429
        )
    CaptureKey.objects.filter(pk=key.pk).update(minute=minute, in_minute=calls, last_used_at=now)


def _judgment(key: CaptureKey, event: Event, now: datetime) -> Judgment:
    """A new judgment; or the user's thumb on this completion that stands, changed."""
    project = key.project
    prompt = get_or_create_prompt(project, event.messages)
    name = event.source or key.name
    source = get_or_create_source(project, kind=Source.Kind.IMPORT, key=f"capture:{name}"[:200], name=name[:200])
    [completion] = get_or_create_completions([CompletionRow(prompt, source, event.completion)])
    item = _item(project, prompt, completion, "edit" if event.feedback == "edited" else "thumbs")
    rater = _rater(key, event.user)
    value = {"text": event.edit} if event.feedback == "edited" else {"label": THUMBS[event.feedback]}
    if event.reasons:
        value["reasons"] = event.reasons
    if event.feedback in IMPLICIT:
        value["implicit"] = event.feedback
    judgment = None
    if event.user and event.feedback in ("up", "down"):
        standing = Judgment.objects.filter(item=item, rater=rater, withdrawn=False).order_by("pk")
        judgment = next((row for row in standing if "implicit" not in row.value), None)
    if judgment is None:
        judgment = Judgment(item=item, rater=rater, origin=QUEUE, outcome=Judgment.Outcome.ANSWER, revision=0)
    judgment.revision += 1
    judgment.value = judgment.shown_value = value
    judgment.shown_order = [0]
    judgment.comment, judgment.judged_at = event.comment, event.at or now
    return judgment


def _item(project: Project, prompt: Prompt, completion: Completion, interface: str) -> Item:
    item = Item.objects.filter(
        project=project, queue=QUEUE, prompt=prompt, interface=interface, entries__completion=completion
    ).first()
    if item is None:
        item = Item.objects.create(
            project=project, queue=QUEUE, interface=interface, prompt=prompt, size=1, overlap=0, open_slots=0
        )
        ItemCompletion.objects.create(item=item, completion=completion, index=0)
    return item


def _rater(key: CaptureKey, user: str) -> Rater:
    """One for each user of the product, known by a hash; those that are not told apart are one."""
    told = hashlib.sha256(f"{key.project.split_salt}:{user}".encode()).hexdigest()[:16] if user else "everybody"
    return Rater.objects.get_or_create(
        project=key.project,
        kind=Rater.Kind.IMPORTED,
        key=f"capture:{told}",
        defaults={"name": f"user {told[:6]}" if user else "users of the product"},
    )[0]
