"""Who stands against whom: sources with what a reader wants to know of them."""

from dataclasses import dataclass

from annotation.models import Project, Source
from evaluation.models import Comparison
from training.models import Checkpoint


@dataclass(frozen=True)
class Contender:
    """The author of answers. `checkpoint` is its id where the author is a model of ours."""

    source: int
    name: str
    kind: str
    checkpoint: int | None = None
    method: str = ""
    step: int = 0

    @property
    def simulated(self) -> bool:
        return self.kind == Source.Kind.SIMULATED


def of_checkpoint(checkpoint: Checkpoint) -> Contender:
    return Contender(
        source=checkpoint.source_id,
        name=checkpoint.name,
        kind=Source.Kind.MODEL,
        checkpoint=checkpoint.pk,
        method=checkpoint.run.method if checkpoint.run else "",
        step=checkpoint.step,
    )


def of_comparison(comparison: Comparison) -> list[Contender]:
    """In the order chosen; the first is the baseline unless another is asked for."""
    entries = comparison.entries.select_related("checkpoint__run")
    return [of_checkpoint(entry.checkpoint) for entry in entries]


def of_sources(project: Project, sources: set[int]) -> list[Contender]:
    """The authors with these ids, by name."""
    models = {
        checkpoint.source_id: checkpoint
        for checkpoint in Checkpoint.objects.filter(project=project, source__in=sources).select_related("run")
    }
    found = []
    for source in Source.objects.filter(project=project, pk__in=sources).order_by("name", "pk"):
        if source.pk in models:
            found.append(of_checkpoint(models[source.pk]))
        else:
            found.append(Contender(source.pk, source.name, source.kind))
    return found
