"""Blocks of work: how far each is, for leads and for the people they are for."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, Q
from django.utils import timezone

from annotation.models import Assignment, Block, Project

State = Assignment.State
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class BlockProgress:
    """Assignments of a block: all, answered, still reserved. Skipped and expired ones are neither."""

    block: Block
    assigned: int
    done: int
    left: int
    people: list[str]

    @property
    def late(self) -> bool:
        deadline = self.block.deadline
        return deadline is not None and self.left > 0 and deadline < timezone.now()

    @property
    def share(self) -> int:
        return round(100 * self.done / self.assigned) if self.assigned else 0


_COUNTS = {
    "assigned": Count("assignments"),
    "done": Count("assignments", filter=Q(assignments__state=State.DONE)),
    "left": Count("assignments", filter=Q(assignments__state__in=(State.RESERVED, State.LEASED))),
}


def blocks_of(project: Project) -> list[BlockProgress]:
    """Newest first, with the names of their people: for leads."""
    found = Block.objects.filter(project=project).annotate(**_COUNTS).prefetch_related("raters").order_by("-pk")
    return [
        BlockProgress(row, row.assigned, row.done, row.left, sorted(rater.name for rater in row.raters.all()))
        for row in found[:200]
    ]


@dataclass(frozen=True)
class OwnBlock:
    block: Block
    project: Project
    queue: str
    left: int


def own_blocks(user, projects: list[Project]) -> list[OwnBlock]:
    """What is kept for this person, the most urgent first; one query."""
    by_pk = {project.pk: project for project in projects}
    rows = (
        Assignment.objects.filter(
            rater__user=user,
            state=State.RESERVED,
            block__project__in=projects,
            item__put_aside=False,
            item__kept_out=False,
        )
        .order_by()
        .values_list("block", "item__queue")
        .annotate(n=Count("pk"))
    )
    left = list(rows)
    blocks = Block.objects.in_bulk({block for block, _, _ in left})
    found = [OwnBlock(blocks[pk], by_pk[blocks[pk].project_id], queue, n) for pk, queue, n in left]
    return sorted(found, key=lambda own: (own.block.deadline or FAR, own.block.pk))
