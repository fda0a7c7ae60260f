"""What one annotator finds when they come in: where they stopped, today's figures, their queues, their last answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from django.db.models import Exists, OuterRef
from django.utils import timezone

from annotation.access import GRANTS, Permission, projects_of
from annotation.assignment import is_idle
from annotation.models import Assignment, Instruction, Item, Judgment, Project, Sitting, Task
from annotation.queues import kind_of
from annotation.selectors.labelling import PUT_ASIDE, Progress, Said, Spread, progress_of, said, spread
from annotation.selectors.tasks import way_of

COUNTED_UP_TO = 500
CLEAR_ANSWERS_NEEDED = 20
NEWS = timedelta(days=7)
Z = 1.96


@dataclass(frozen=True)
class Queue:
    """A queue with something open in it. `capped`: there are at least `waiting`."""

    project: Project
    name: str
    title: str
    waiting: int
    question: str = ""
    nouns: tuple[str, str] = ("pair", "pairs")

    @property
    def noun(self) -> str:
        return self.nouns[self.waiting != 1]

    @property
    def capped(self) -> bool:
        return self.waiting >= COUNTED_UP_TO


@dataclass(frozen=True)
class Share:
    """`part` of `whole` with its 95 % interval (Wilson), all in per cent."""

    value: float
    low: float
    high: float
    whole: int


@dataclass(frozen=True)
class Today:
    judged: int
    yesterday: int
    active_ms: int
    per_pair: Spread | None
    left: Share | None
    clear_answers: int


@dataclass(frozen=True)
class Stop:
    """The open sitting where they stopped."""

    sitting: Sitting
    title: str
    progress: Progress

    @property
    def left(self) -> int:
        return max(0, self.sitting.project.sitting_goal - self.progress.done)

    @property
    def noun(self) -> str:
        return way_of(self.sitting.task or Task())[0].NOUN[self.left != 1]


def labelling_projects(user) -> list[Project]:
    return [row.project for row in projects_of(user) if Permission.LABEL in GRANTS[row.role]]


def only_annotates(user) -> bool:
    """Whether labelling is all that this person does here."""
    roles = set(projects_of(user).values_list("role", flat=True))
    return bool(roles) and all(Permission.PROJECT_VIEW not in GRANTS[role] for role in roles)


def stop_of(user, projects: list[Project]) -> Stop | None:
    """The sitting last touched, if it is still open."""
    sitting = (
        Sitting.objects.filter(rater__user=user, ended_at=None, project__in=projects)
        .select_related("project", "rater", "task")
        .order_by("-last_seen_at")
        .first()
    )
    if sitting is None or is_idle(sitting.last_seen_at, timezone.now()) or kind_of(sitting.queue) is None:
        return None
    kind, task = kind_of(sitting.queue), sitting.task
    title = task.title if task and not kind.reveals else kind.title(sitting.queue)
    return Stop(sitting, title, progress_of(sitting))


def queues_of(user, projects: list[Project]) -> list[Queue]:
    """Queues with open slots, and how many wait for this person; counting stops at COUNTED_UP_TO."""
    mine = Assignment.objects.filter(item=OuterRef("pk"), rater__user=user)
    cursors = {
        (project, queue): cursor
        for project, queue, cursor in Sitting.objects.filter(rater__user=user, project__in=projects)
        .order_by("pk")
        .values_list("project", "queue", "cursor")
    }
    by_pk = {project.pk: project for project in projects}
    tasks = {(task.project_id, task.queue): task for task in Task.objects.filter(project__in=projects)}
    opened = Item.objects.filter(project__in=projects, published=True, open_slots__gt=0)
    found = []
    for pk, name in opened.order_by("project", "queue").values_list("project", "queue").distinct():
        kind, task = kind_of(name), tasks.get((pk, name))
        if kind is None or (task and task.closed):
            continue
        unseen = opened.filter(~Exists(mine), project=pk, queue=name)
        waiting = unseen.filter(pk__gt=cursors.get((pk, name), 0)).order_by("pk")[:COUNTED_UP_TO].count()
        waiting = waiting or unseen.order_by("pk")[:COUNTED_UP_TO].count()
        if waiting and task:
            found.append(Queue(by_pk[pk], name, task.title, waiting, task.question, way_of(task)[0].NOUN))
        elif waiting:
            found.append(Queue(by_pk[pk], name, kind.title(name), waiting))
    return found


def today_of(user, projects: list[Project], now: datetime) -> Today:
    """Figures since midnight; one query. Time counts as it was credited: reading does, pauses do not."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = list(
        Judgment.objects.filter(
            rater__user=user,
            item__project__in=projects,
            withdrawn=False,
            judged_at__gte=midnight - timedelta(days=1),
        ).values_list("judged_at", "outcome", "active_ms", "strength", "shown_order", "value")
    )
    today = [row for row in rows if row[0] >= midnight]
    times = [ms / 1000 for _, outcome, ms, *_ in today if ms and outcome not in PUT_ASIDE]
    clear = [order[0] == value.get("preferred") for *_, strength, order, value in today if strength]
    return Today(
        judged=len(today),
        yesterday=len(rows) - len(today),
        active_ms=sum(row[2] or 0 for row in today),
        per_pair=spread(times),
        left=wilson(sum(clear), len(clear)) if len(clear) >= CLEAR_ANSWERS_NEEDED else None,
        clear_answers=len(clear),
    )


def wilson(part: int, whole: int) -> Share:
    share, weight = part / whole, Z * Z / whole
    middle = (share + weight / 2) / (1 + weight)
    reach = Z / (1 + weight) * sqrt(share * (1 - share) / whole + weight / (4 * whole))
    return Share(100 * share, 100 * (middle - reach), 100 * (middle + reach), whole)


def last_answers(user, projects: list[Project], limit: int = 6) -> list[Said]:
    """The newest answers that stand; `judgment.sitting.ended_at` says whether one can still be changed."""
    rows = (
        Judgment.objects.filter(rater__user=user, item__project__in=projects, withdrawn=False)
        .select_related("assignment", "sitting", "item__prompt", "item__project")
        .order_by("-judged_at")
    )
    return [said(judgment) for judgment in rows[:limit]]


def guide_news(projects: list[Project], now: datetime) -> list[Instruction]:
    """Guides that changed within a week; a first version is no news."""
    newest = Instruction.objects.filter(project=OuterRef("project"), number__gt=OuterRef("number"))
    return list(
        Instruction.objects.filter(~Exists(newest), project__in=projects, number__gt=1, created_at__gte=now - NEWS)
        .select_related("project")
        .order_by("-created_at")
    )
