"""How the work goes: by task, by day, by person, over the last days; and what waits for a lead.

It reads every judgment of the window once and keeps what it found for two minutes, as agreement does.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import median

from django.core.cache import cache
from django.db.models import Count, Q, Sum
from django.utils import timezone

from annotation.agreement import krippendorff_alpha
from annotation.models import Assignment, Item, Judgment, Project, Rater, Task
from annotation.pace import DAYS, Finish, cost_of, finish_of
from annotation.selectors.snapshot_source import pseudonym

WINDOW = 60  # days
WEEKS_NEED = 20  # items judged more than once, for a week's agreement
TIMES_NEED = 4
_KEPT_SECONDS = 120
_ANSWERS = (Judgment.Outcome.ANSWER, Judgment.Outcome.BOTH_BAD)


@dataclass
class Day:
    """What came in on one day."""

    day: date
    judgments: int = 0
    seconds: float | None = None  # the median of those timed
    timed: int = 0


@dataclass
class Week:
    """Agreement on the items whose last judgment came in that week; None below WEEKS_NEED items."""

    monday: date
    items: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass
class Work:
    """What one rater did in the window."""

    rater: int
    judgments: int = 0
    recent: int = 0
    skipped: int = 0
    flagged: int = 0
    active_ms: int = 0
    times: list[float] = field(default_factory=list)
    last: datetime | None = None
    name: str = ""
    kind: str = ""
    cost: float | None = None

    @property
    def seconds(self) -> float | None:
        return median(self.times) if len(self.times) >= TIMES_NEED else None


@dataclass
class Window:
    """Everything that one pass over the judgments of the window finds."""

    days: list[Day]
    weeks: list[Week]
    works: list[Work]
    per_task: dict[str, list[int]]  # answers of each of the last whole days
    task_ms: dict[str, int]
    task_answers: dict[str, int]
    simulated: int
    judgments: int


def window_of(project: Project) -> Window:
    return cache.get_or_set(f"progress:{project.split_salt}", lambda: _read(project), _KEPT_SECONDS)


def _read(project: Project) -> Window:
    today = timezone.localdate()
    first = today - timedelta(days=WINDOW - 1)
    rows = (
        Judgment.objects.filter(
            item__project=project,
            item__published=True,
            withdrawn=False,
            surplus=False,
            judged_at__gte=timezone.make_aware(datetime.combine(first, time.min)),
        )
        .exclude(origin="import")
        .values_list(
            "judged_at", "rater", "item__queue", "item", "outcome", "strength", "scale", "active_ms", "rater__kind"
        )
    )
    days = [Day(first + timedelta(days=step)) for step in range(WINDOW)]
    times: dict[int, list[float]] = defaultdict(list)
    works: dict[int, Work] = {}
    units: dict[int, list] = defaultdict(list)
    task_days: dict[str, Counter] = defaultdict(Counter)
    task_ms, task_answers = Counter(), Counter()
    simulated = count = 0
    zone = timezone.get_current_timezone()
    for at, rater, queue, item, outcome, strength, scale, ms, kind in rows.iterator(chunk_size=5000):
        place = (at.astimezone(zone).date() - first).days
        if not 0 <= place < WINDOW:
            continue
        count += 1
        simulated += kind == Rater.Kind.SIMULATED
        days[place].judgments += 1
        work = works.setdefault(rater, Work(rater))
        work.judgments += 1
        work.recent += place >= WINDOW - DAYS
        work.skipped += outcome == "skip"
        work.flagged += outcome == "broken"
        work.last = max(work.last or at, at)
        if ms:
            work.active_ms += ms
            task_ms[queue] += ms
        if outcome in _ANSWERS:
            task_days[queue][place] += 1
            task_answers[queue] += 1
            if ms:
                times[place].append(ms / 1000)
                work.times.append(ms / 1000)
        if strength is not None:
            units[item].append((place, strength, scale))
    for place, seconds in times.items():
        days[place].timed = len(seconds)
        days[place].seconds = median(seconds) if len(seconds) >= TIMES_NEED else None
    while len(days) > DAYS and not days[0].judgments:
        days.pop(0)
    last_days = range(WINDOW - 1 - DAYS, WINDOW - 1)
    return Window(
        days=days,
        weeks=_weeks(units, first),
        works=sorted(works.values(), key=lambda work: -work.judgments),
        per_task={queue: [found[place] for place in last_days] for queue, found in task_days.items()},
        task_ms=dict(task_ms),
        task_answers=dict(task_answers),
        simulated=simulated,
        judgments=count,
    )


def _weeks(units: dict[int, list], first: date) -> list[Week]:
    """Alpha by week: ordinal where everybody used one graded scale, else of the sides taken."""
    by_week: dict[date, list] = defaultdict(list)
    for said in units.values():
        if len(said) > 1:
            day = first + timedelta(days=max(place for place, _, _ in said))
            by_week[day - timedelta(days=day.weekday())].append(said)
    found = []
    for monday, weeks_units in sorted(by_week.items()):
        week = Week(monday, items=len(weeks_units))
        if len(weeks_units) >= WEEKS_NEED:
            scales = {scale for said in weeks_units for _, _, scale in said}
            graded = len(scales) == 1 and (max(scales) or 0) > 3
            values = [[s if graded else (s > 0) - (s < 0) for _, s, _ in said] for said in weeks_units]
            alpha = krippendorff_alpha(values, level="ordinal" if graded else "nominal", resamples=200)
            week.value, week.low, week.high = alpha.value, alpha.low, alpha.high
        found.append(week)
    return found


@dataclass(frozen=True)
class TaskProgress:
    """A task: answers wanted in all, had, still wanted; its pace and when it ends. Kept-out items are not wanted."""

    task: Task
    items: int
    complete: int
    wanted: int
    had: int
    finish: Finish
    seconds: float | None
    active_ms: int
    cost: float | None

    @property
    def share(self) -> int:
        return round(100 * self.had / self.wanted) if self.wanted else 0


def tasks_of(project: Project, window: Window) -> list[TaskProgress]:
    """Every task with what is still wanted of it."""
    today = timezone.localdate()
    wanted = Item.objects.filter(project=project, published=True, overlap__gt=0, kept_out=False)
    counts = {
        queue: facts
        for queue, *facts in wanted.order_by()
        .values_list("queue")
        .annotate(
            n=Count("pk"),
            complete=Count("pk", filter=Q(open_slots=0, put_aside=False)),
            wanted=Sum("overlap"),
            open=Sum("open_slots"),
        )
    }
    holding = (Assignment.State.LEASED, Assignment.State.RESERVED)
    held = dict(
        Assignment.objects.filter(state__in=holding, item__project=project)
        .order_by()
        .values_list("item__queue")
        .annotate(n=Count("pk"))
    )
    found = []
    for task in project.tasks.all():
        items, complete, most, opened = counts.get(task.queue, (0, 0, 0, 0))
        left = (opened or 0) + held.get(task.queue, 0)
        ms, answers = window.task_ms.get(task.queue, 0), window.task_answers.get(task.queue, 0)
        found.append(
            TaskProgress(
                task=task,
                items=items,
                complete=complete,
                wanted=most or 0,
                had=max(0, (most or 0) - left),
                finish=finish_of(left, window.per_task.get(task.queue, [0] * DAYS), today),
                seconds=ms / 1000 / answers if answers and ms else None,
                active_ms=ms,
                cost=cost_of(project.pay, project.pay_unit, active_ms=ms, answers=answers),
            )
        )
    return found


def people_of(project: Project, window: Window, *, names: bool) -> list[Work]:
    """Who did what, most first; by number where the reader may not see names."""
    raters = {rater.pk: rater for rater in Rater.objects.filter(project=project)}
    for work in window.works:
        rater = raters[work.rater]
        work.kind = rater.kind
        work.name = rater.name if names else pseudonym(rater.pk, rater.kind, rater.name)
        answers = work.judgments - work.skipped - work.flagged
        person = rater.kind == Rater.Kind.PERSON
        paid = {"active_ms": work.active_ms, "answers": answers}
        work.cost = cost_of(project.pay, project.pay_unit, **paid) if person else None
    return window.works


@dataclass(frozen=True)
class Waits:
    """What somebody should look at."""

    flagged: int
    disagreeing: int
    expired: int
    late_blocks: int
    comments: int


def waits_of(project: Project) -> Waits:
    """Counts with a bound, so that they stay cheap."""
    now = timezone.now()
    items = Item.objects.filter(project=project, published=True)
    live = Judgment.objects.filter(item__project=project, withdrawn=False)
    leased = Assignment.objects.filter(state=Assignment.State.LEASED)
    sides = live.filter(strength__gt=0, item__judgments__strength__lt=0, item__judgments__withdrawn=False)
    return Waits(
        flagged=items.filter(put_aside=True).count(),
        disagreeing=sides.order_by().values("item").distinct()[:10_000].count(),
        expired=leased.filter(expires_at__lt=now, item__project=project).count(),
        late_blocks=project.blocks.filter(released_at=None, deadline__lt=now).count(),
        comments=live.exclude(comment="").filter(judged_at__gte=now - timedelta(days=DAYS)).count(),
    )


def chart_of(window: Window) -> dict:
    """What the page's script draws."""
    return {
        "days": [row.day.isoformat() for row in window.days],
        "judgments": [row.judgments for row in window.days],
        "seconds": [row.seconds for row in window.days],
        "weeks": [row.monday.isoformat() for row in window.weeks if row.value is not None],
        "alpha": [row.value for row in window.weeks if row.value is not None],
        "low": [row.low for row in window.weeks if row.value is not None],
        "high": [row.high for row in window.weeks if row.value is not None],
    }
