"""The demo's further tasks: solutions by step, pairs by criteria, answers to write and to make better.

Each has some answers of simulated people, which say so, and items that wait for people.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from annotation.demo.corpus import Pair, pairs, prompts
from annotation.demo.people import PEOPLE, Person
from annotation.demo.replies import Style, compose
from annotation.demo.solutions import Solution, solutions
from annotation.demo.truth import quality, true_quality
from annotation.models import Completion, Item, Project, Prompt, Source
from annotation.services.content import (
    CompletionRow,
    PromptRow,
    get_or_create_completions,
    get_or_create_prompts,
    get_or_create_source,
)
from annotation.services.items import create_items
from annotation.services.judgments import Given, record_judgments
from annotation.services.tasks import create_task

JUDGED, OPEN = 16, 12
SEED = 41
SLIPS = 0.15  # how often a simulated person overlooks the wrong step
PANEL = [person for person in PEOPLE if person.key in ("ada", "bruno", "flora")]


@dataclass(frozen=True)
class Work:
    """A task, what there is to judge, and what somebody says of the item at a place."""

    queue: str
    interface: str
    title: str
    question: str
    hint: str
    settings: dict
    rows: Sequence[tuple[str, tuple[str, ...]]]  # prompt, texts in true order
    say: Callable[[int, Person, random.Random], dict]


@transaction.atomic
def make_tasks(project: Project, *, by) -> list[str]:
    """The queues of the tasks that were made; those that are there already stay as they are."""
    made = []
    for work in works():
        if not project.tasks.filter(queue=work.queue).exists():
            _make(project, work, by=by)
            made.append(work.queue)
    return made


def works() -> Iterator[Work]:
    drawn = list(islice(solutions(SEED), JUDGED + OPEN))
    yield Work(
        "task:steps", "steps", "Solutions by step", "Which step is the first wrong one?",
        "A step that follows from a wrong one is not wrong itself.", {"mode": "first", "cut": "numbered"},
        [(one.prompt, (one.text,)) for one in drawn], lambda at, _, rng: _first_error(drawn[at], rng),
    )  # fmt: skip
    two = list(islice(pairs(SEED, validation=False), JUDGED + OPEN))
    yield Work(
        "task:criteria", "pairwise", "Pairs by criteria", "Which reply would help more?", "",
        {"scale": 5, "criteria": ["correct", "polite"], "safety": True},
        [(pair.asked.prompt, (pair.first, pair.second)) for pair in two],
        lambda at, person, _: _graded(two[at], person),
    )  # fmt: skip
    asked = list(islice(prompts(SEED, checkable=0.3, validation=False), JUDGED + OPEN))
    yield Work(
        "task:demonstrations", "demonstration", "Answers to write", "What should the assistant say?",
        "As you would say it to a neighbour: right, kind and brief.", {},
        [(one.prompt, ()) for one in asked],
        lambda at, _, rng: {"text": compose(asked[at].question, Style("right", "polite", False, True, 0), rng)},
    )  # fmt: skip
    ordered = [
        sorted((pair.first, pair.second), key=lambda text: true_quality(pair.asked.prompt, text)) for pair in two
    ]
    yield Work(
        "task:edits", "edit", "Answers to make better", "How should it have been said?",
        "Keep what is right. Correct what is not.", {},
        [(pair.asked.prompt, (worse,)) for pair, (worse, _) in zip(two, ordered, strict=True)],
        lambda at, *_: {"text": ordered[at][1]},
    )  # fmt: skip


def _worse_first(pair: Pair) -> list[str]:
    return sorted((pair.first, pair.second), key=lambda text: true_quality(pair.asked.prompt, text))


def _first_error(solution: Solution, rng: random.Random) -> dict:
    place = None if rng.random() < SLIPS else solution.first_error
    rest = solution.steps - (place or 0) - 1
    labels = [1] * solution.steps if place is None else [1] * place + [-1] + [None] * rest
    lines = solution.text.splitlines(keepends=True)
    ends = [sum(map(len, lines[: at + 1])) for at in range(len(lines))]
    return {"labels": labels, "first_error": place, "ends": ends}


def _graded(pair: Pair, person: Person) -> dict:
    """Steps on the 5-step scale by how far apart the two are, overall and by each criterion."""
    first, second = (quality(pair.asked.prompt, text) for text in (pair.first, pair.second))
    felt = [person.utility(pair.asked.prompt, text) for text in (pair.first, pair.second)]
    return {
        "scale": 5,
        "strength": _step(felt[0] - felt[1]),
        "criteria": {name: {"strength": _step(getattr(first, name) - getattr(second, name))} for name in
                     ("correct", "polite")},
        "safety": [False, False],
    }  # fmt: skip


def _step(difference: float) -> int:
    size = 2 if abs(difference) > 0.4 else 1 if abs(difference) > 0.05 else 0
    return size if difference > 0 else -size


def _make(project: Project, work: Work, *, by) -> None:
    create_task(
        project, by=by, interface=work.interface, queue=work.queue, title=work.title, question=work.question,
        hint=work.hint, settings=work.settings,
    )  # fmt: skip
    rows = _rows(project, work.rows)
    judged = create_items(project, rows=rows[:JUDGED], queue=work.queue)
    create_items(project, rows=rows[JUDGED:], queue=work.queue)
    record_judgments(
        project,
        judgments=_given(work, judged),
        origin="simulated",
        rater_kind="simulated",
        names={person.key: person.name for person in PANEL},
        queue=work.queue,
        kind=work.interface,
        instruction=project.instructions.order_by("-number").first(),
    )


def _given(work: Work, items: Sequence[Item]) -> Iterator[Given]:
    rng = random.Random(SEED)
    for at, item in enumerate(items):
        person = PANEL[at % len(PANEL)]
        order = tuple(range(item.size))[:: -1 if at // len(PANEL) % 2 else 1]  # balanced for each of them
        value = work.say(at, person, rng)
        graded = {"strength": value["strength"], "scale": value["scale"]} if "strength" in value else {}
        yield Given(item=item, rater=person.key, value=value, shown_order=order, active_ms=rng.randint(9_000, 60_000),
                    **graded)  # fmt: skip


def _rows(project: Project, drawn) -> list[tuple[Prompt, list[Completion]]]:
    source = get_or_create_source(project, kind=Source.Kind.SIMULATED, key="demo:grammar", name="The demo's grammar")
    asked = get_or_create_prompts(
        project, [PromptRow([{"role": "user", "content": prompt}]) for prompt, _ in drawn]
    )  # fmt: skip
    texts = [
        CompletionRow(prompt, source, text)
        for prompt, (_, own) in zip(asked, drawn, strict=True)
        for text in own
    ]  # fmt: skip
    made = iter(get_or_create_completions(texts))
    return [(prompt, [next(made) for _ in own]) for prompt, (_, own) in zip(asked, drawn, strict=True)]
