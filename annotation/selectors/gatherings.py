"""What can be asked for more responses, and how far those asked for are."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from annotation.listening import Silence, silence_of
from annotation.models import Gathering, GenerationRequest, GenerationRow, Project, Source

SHOWN_SOURCES = 60
SAID_AFTER = timedelta(seconds=5)
SAMPLE = 6


def live_sources(project: Project) -> QuerySet[Source]:
    """The models that answer: checkpoints, newest first, and endpoints in use."""
    living = Q(kind=Source.Kind.MODEL) | Q(kind=Source.Kind.ENDPOINT, endpoint__retired_at=None)
    return Source.objects.filter(living, project=project).order_by("-pk")[:SHOWN_SOURCES]


def source_words(source: Source) -> str:
    return f"{source.name}, an endpoint" if source.kind == Source.Kind.ENDPOINT else source.name


def gatherings_of(project: Project) -> QuerySet[Gathering]:
    """Newest first, with their requests."""
    requests = GenerationRequest.objects.select_related("source").order_by("pk")
    return (
        Gathering.objects.filter(project=project)
        .select_related("task", "created_by")
        .prefetch_related(Prefetch("requests", requests))
        .order_by("-pk")
    )


@dataclass(frozen=True)
class Standing:
    """How far a gathering is. `sample` are some prompts with the answers that are there."""

    gathering: Gathering
    requests: list[GenerationRequest]
    done: int
    total: int
    failed: list[GenerationRequest]
    going: bool
    silence: Silence | None
    sample: list[tuple]

    @property
    def share(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0

    @property
    def short(self) -> bool:
        """Ended, and not with every answer."""
        return not self.going and self.done < self.total


def standing(gathering: Gathering, *, sampled: bool = True) -> Standing:
    """Of a gathering from `gatherings_of`; `sampled` with some of its answers."""
    requests = list(gathering.requests.all())
    waiting = [row for row in requests if row.state == GenerationRequest.State.QUEUED]
    late = any(timezone.now() - row.created_at > SAID_AFTER for row in waiting)
    return Standing(
        gathering=gathering,
        requests=requests,
        done=sum(row.done for row in requests),
        total=sum(row.total for row in requests),
        failed=[row for row in requests if row.state == GenerationRequest.State.FAILED],
        going=any(row.state not in GenerationRequest.ENDED for row in requests),
        silence=silence_of("sample") if late else None,
        sample=_sample(requests) if sampled else [],
    )


def _sample(requests: list[GenerationRequest]) -> list[tuple]:
    """The first prompts that have an answer: (prompt, [(source, text)])."""
    answered = GenerationRow.objects.filter(request__in=requests).exclude(completion=None)
    first = list(answered.order_by().values_list("prompt").annotate(n=Count("pk")).order_by("prompt")[:SAMPLE])
    rows = answered.filter(prompt__in=[pk for pk, _ in first]).select_related("prompt", "completion__source")
    found: dict = {}
    for row in rows.order_by("prompt", "request"):
        found.setdefault(row.prompt, []).append(row.completion)
    return list(found.items())
