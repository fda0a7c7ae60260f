"""The queue of a comparison, as the labelling page and its services know it."""

from django.urls import reverse

from annotation.queues import QueueKind, register
from evaluation.models import Opening


def number_of(queue: str) -> int | None:
    number = queue.partition(":")[2]
    return int(number) if number.isdecimal() else None


def title(queue: str) -> str:
    """Never the comparison's own name: people name them after the models."""
    return f"Comparison {number_of(queue)}"


def after(project, queue: str) -> tuple[str, str]:
    """Where names are; and results, for those who may see them."""
    whole = "EVALUATION_VIEW" in project.may
    name = "evaluation:comparison" if whole else "evaluation:comparison-yours"
    return reverse(name, kwargs={"slug": project.slug, "pk": number_of(queue)}), "See who was who"


def blind(queue: str, by) -> bool:
    """A vote is blind until its giver has looked behind the names."""
    return not Opening.objects.filter(comparison=number_of(queue), user=by).exists()


COMPARE = QueueKind(prefix="compare", origin="compare", title=title, after=after, reveals=True, blind=blind)


def register_queue() -> None:
    register(COMPARE)
