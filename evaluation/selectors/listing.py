"""The comparisons of a project, as a list shows them."""

from django.db.models import CharField, Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from annotation.models import Item, Judgment, Project
from evaluation.models import Comparison
from evaluation.selectors.ballots import standing


def comparisons_of(project: Project) -> QuerySet:
    """Newest first, each with its counts: `entry_count`, `pairs` to vote on, `votes` that stand."""
    queue = Concat(Value("compare:"), Cast(OuterRef("pk"), CharField()))
    items = Item.objects.filter(project=project, queue=queue)
    votes = standing(Judgment.objects.filter(item__project=project, item__queue=queue))
    return (
        Comparison.objects.filter(project=project)
        .select_related("created_by")
        .annotate(
            entry_count=Count("entries"),
            pairs=_count(items, "queue"),
            votes=_count(votes, "item__queue"),
        )
        .order_by("-pk")
    )


def _count(rows: QuerySet, by: str):
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
