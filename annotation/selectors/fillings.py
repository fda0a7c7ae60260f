"""How many items a choice of completions gives, counted by the database; and the fillings there were."""

from dataclasses import asdict, dataclass

from django.db.models import Count, F, IntegerField, Q, QuerySet, Sum, Value
from django.db.models.expressions import ExpressionWrapper
from django.db.models.functions import Least

from annotation.interfaces import interface
from annotation.models import Completion, Filling, ImportJob, Project, Source, Task

NO_LIMIT = 1_000_000


@dataclass(frozen=True)
class Choice:
    """Completions of prompts, and how they stand together. Empty fields choose everything; sources are row ids."""

    grouping: str
    prompt_set: str = ""
    category: str = ""
    sources: tuple[int, ...] = ()
    first: int | None = None
    second: int | None = None
    limit: int = 0  # items of one prompt at most; 0 is no limit

    def as_dict(self) -> dict:
        return asdict(self) | {"sources": list(self.sources)}

    @classmethod
    def read(cls, stored: dict) -> "Choice":
        return cls(**stored | {"sources": tuple(stored["sources"])})


@dataclass(frozen=True)
class Counted:
    """What a choice holds, before anything is made. Items that exist already are found only in the making."""

    prompts: int
    completions: int
    items: int


def chosen_completions(project: Project, choice: Choice) -> QuerySet[Completion]:
    """Completions of the choice whose import, where they came by one, is published."""
    published = Q(import_job=None) | Q(import_job__state=ImportJob.State.PUBLISHED)
    found = Completion.objects.filter(published, prompt__project=project, prompt__published=True)
    if choice.prompt_set:
        found = found.filter(prompt__prompt_set=choice.prompt_set)
    if choice.category:
        found = found.filter(prompt__category=choice.category)
    wanted = (choice.first, choice.second) if choice.grouping == "two" else choice.sources
    return found.filter(source__in=wanted) if wanted else found


def count(task: Task, choice: Choice) -> Counted:
    """One query, whatever the size: items are worked out from how many completions each prompt has."""
    least, most = interface(task.interface).COMPLETIONS
    number = Count("pk")
    if choice.grouping == "two":
        sides = {name: Count("pk", filter=Q(source=getattr(choice, name))) for name in ("first", "second")}
        a_prompt = sides["first"] * sides["second"]
    elif choice.grouping == "pairs":
        a_prompt = _whole(number * (number - 1) / Value(2))
    elif choice.grouping == "all":
        number = Count("pk", filter=Q())
        a_prompt = _whole((number + Value(most - 1)) / Value(most))
    else:
        a_prompt = number
    by_prompt = chosen_completions(task.project, choice).order_by().values("prompt").annotate(n=Count("pk"))
    if choice.grouping == "all":
        by_prompt = by_prompt.filter(n__gte=least)
    by_prompt = by_prompt.annotate(items=Least(a_prompt, Value(choice.limit or NO_LIMIT))).filter(items__gt=0)
    found = by_prompt.aggregate(prompts=Count("prompt"), completions=Sum(F("n")), all=Sum(F("items")))
    return Counted(found["prompts"], found["completions"] or 0, found["all"] or 0)


def _whole(expression) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=IntegerField())


def sources_of(project: Project, limit: int = 100) -> list[tuple[Source, int]]:
    """Who wrote completions, with how many; those with most first."""
    found = Source.objects.filter(project=project).annotate(n=Count("completions")).filter(n__gt=0)
    return [(source, source.n) for source in found.order_by("-n", "pk")[:limit]]


def fillings_of(task: Task) -> QuerySet[Filling]:
    """Newest first."""
    return Filling.objects.filter(task=task).select_related("created_by").order_by("-pk")
