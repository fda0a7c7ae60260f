"""The answers to one prompt, side by side, and how far the generation has come."""

import random
from dataclasses import dataclass, field

from django.db.models import Count

from annotation.models import Completion, GenerationRequest, GenerationRow, Item, Prompt
from evaluation.models import Comparison
from evaluation.selectors.contenders import Contender, of_checkpoint
from training.models import CompletionScore

LETTERS = "abcd"


@dataclass(frozen=True)
class Answer:
    """What one contender says. `contender` and `scores` are empty on a blind page."""

    letter: str
    completion: Completion
    contender: Contender | None = None
    scores: list[tuple[str, float | None]] = field(default_factory=list)

    @property
    def words(self) -> int:
        return len(self.completion.text.split())


@dataclass(frozen=True)
class Reading:
    number: int  # from 1
    total: int
    prompt: Prompt
    answers: list[Answer]
    missing: int  # contenders without an answer here
    same: bool  # all say the very same
    named: bool


def prompt_ids(comparison: Comparison) -> list[int]:
    """Prompts with at least one answer, in the order they were asked in."""
    rows = GenerationRow.objects.filter(request__entry__comparison=comparison, completion__isnull=False)
    return list(rows.order_by("prompt_id").values_list("prompt_id", flat=True).distinct())


def reading(comparison: Comparison, user, *, number: int, named: set[int] | None) -> Reading | None:
    """The `number`th prompt with its answers. Named only if the prompt is in `named`, or that is None.

    Blind, who is A is drawn for each person and prompt, always the same way, so that reading again changes nothing.
    """
    ids = prompt_ids(comparison)
    if not 1 <= number <= len(ids):
        return None
    chosen = ids[number - 1]
    rows = list(
        GenerationRow.objects.filter(request__entry__comparison=comparison, prompt=chosen)
        .select_related("prompt", "completion", "request__entry__checkpoint__run")
        .order_by("request__entry__index")
    )
    shown = named is None or chosen in named
    answered = [row for row in rows if row.completion]
    if not shown:
        random.Random(f"{comparison.project.split_salt}:{comparison.pk}:{chosen}:{user.pk}").shuffle(answered)
    scores = scores_of(comparison, [row.completion_id for row in answered]) if shown else {}
    return Reading(
        number=number,
        total=len(ids),
        prompt=rows[0].prompt,
        answers=[
            Answer(
                letter=letter,
                completion=row.completion,
                contender=of_checkpoint(row.request.entry.checkpoint) if shown else None,
                scores=scores.get(row.completion_id, []),
            )
            for letter, row in zip(LETTERS, answered, strict=False)
        ],
        missing=len(rows) - len(answered),
        same=len(answered) > 1 and len({row.completion.digest for row in answered}) == 1,
        named=shown,
    )


def scores_of(comparison: Comparison, completions: list[int]) -> dict[int, list[tuple[str, float | None]]]:
    """For each completion what the comparison's reward models say, by name; None while they have not said it."""
    found: dict[int, list] = {}
    rows = CompletionScore.objects.filter(completion__in=completions, checkpoint__in=comparison.scorers.all())
    for row in rows.select_related("checkpoint").order_by("checkpoint__name", "pk"):
        found.setdefault(row.completion_id, []).append((row.checkpoint.name, row.value))
    return found


@dataclass(frozen=True)
class Progress:
    """How far one contender is with its answers."""

    number: int
    contender: Contender
    state: str
    done: int
    total: int
    error: str

    @property
    def share(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0


def progress(comparison: Comparison) -> list[Progress]:
    return [
        Progress(
            number=entry.index + 1,
            contender=of_checkpoint(entry.checkpoint),
            state=entry.request.state if entry.request else GenerationRequest.State.FAILED,
            done=entry.request.done if entry.request else 0,
            total=entry.request.total if entry.request else 0,
            error=entry.request.error if entry.request else "Its request is gone.",
        )
        for entry in comparison.entries.select_related("checkpoint__run", "request")
    ]


@dataclass(frozen=True)
class Pairs:
    """How many pairs stand to the vote, and why the others do not."""

    items: int
    same: int
    prompts: int
    unanswered: int


def pairs_of(comparison: Comparison) -> Pairs:
    """Equal answers are those pairs of answered rows that became no item."""
    answered = GenerationRow.objects.filter(request__entry__comparison=comparison, completion__isnull=False)
    counts = answered.order_by().values("prompt_id").annotate(n=Count("pk")).values_list("n", flat=True)
    items = Item.objects.filter(project=comparison.project, queue=comparison.queue).count()
    everything = sum(n * (n - 1) // 2 for n in counts)
    asked = GenerationRow.objects.filter(request__entry__comparison=comparison)
    unanswered = asked.filter(completion=None).values("prompt_id").distinct().count()
    return Pairs(items=items, same=everything - items, prompts=len(counts), unanswered=unanswered)
