"""Texts that people wrote become completions of their own, so that others can judge them."""

from collections.abc import Iterable

from annotation.interfaces import INTERFACES
from annotation.models import Judgment, Project, Rater, Sitting, Source
from annotation.selectors.snapshot_source import pseudonym
from annotation.services.content import CompletionRow, get_or_create_completions, get_or_create_source

WRITERS = tuple(name for name, way in INTERFACES.items() if getattr(way, "WRITES", False))
_KINDS = {Rater.Kind.PERSON: Source.Kind.PERSON, Rater.Kind.IMPORTED: Source.Kind.IMPORT}


def keep_written(project: Project, *, sittings: Iterable[Sitting]) -> int:
    """A completion for each text written in these ended sittings that still stands; how many there are.

    Its source is the one who wrote, by a pseudonym; an edit's names what it `improves`. Twice is harmless: the same
    text of the same writer on the same prompt is one completion. Call inside the transaction that ends the sittings.
    """
    judgments = list(
        Judgment.objects.filter(
            sitting__in=[sitting.pk for sitting in sittings],
            item__interface__in=WRITERS,
            outcome=Judgment.Outcome.ANSWER,
            withdrawn=False,
        )
        .select_related("item__prompt", "rater")
        .prefetch_related("item__entries__completion")
        .order_by("pk")
    )
    sources = {rater.pk: _source(project, rater) for rater in {judgment.rater for judgment in judgments}}
    rows = [
        CompletionRow(
            prompt=judgment.item.prompt,
            source=sources[judgment.rater_id],
            text=judgment.value["text"],
            sampling={"judgment": judgment.pk},
            improves=next((entry.completion for entry in judgment.item.entries.all()), None),
        )
        for judgment in judgments
        if judgment.value.get("text")
    ]
    return len(get_or_create_completions(rows))


def _source(project: Project, rater: Rater) -> Source:
    name = pseudonym(rater.pk, rater.kind, rater.name)
    kind = _KINDS.get(rater.kind, Source.Kind.SIMULATED)
    return get_or_create_source(project, kind=kind, key=f"rater:{rater.pk}", name=name[:200])
