"""Small tasks of the ways to label beside pairs: replies ranked, thumbed and rated by simulated people, some open."""

import random
from collections.abc import Iterator
from itertools import islice

from django.db import transaction

from annotation.demo.corpus import Asked, prompts
from annotation.demo.people import PEOPLE, Person
from annotation.demo.replies import Mixture, compose
from annotation.interfaces.ranking import competition
from annotation.models import Project, Rater, Source
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

JUDGED, OPEN = 20, 20
SEED = 41
REPLIES = {"ranking": 4, "thumbs": 1, "likert": 1}
WORDS = {
    "ranking": ("Rank the replies", "Which reply helps most, which least?", {}),
    "thumbs": ("Thumbs", "Would you send this reply?", {"reasons": ["wrong", "rude", "too long"]}),
    "likert": ("Rate the replies", "How good is this reply?", {"criteria": ["helpful", "polite"]}),
}


def make_ways(project: Project) -> int:
    """A task of each, once; returns how many judgments were recorded."""
    made = set(project.tasks.values_list("interface", flat=True))
    return sum(_make(project, interface) for interface in REPLIES if interface not in made)


@transaction.atomic
def _make(project: Project, interface: str) -> int:
    title, question, settings = WORDS[interface]
    task = create_task(
        project, by=project.created_by, interface=interface, title=title, question=question, settings=settings
    )
    rng = random.Random(f"{SEED}-{interface}")
    asked = list(islice(prompts(SEED, checkable=0.0, validation=False), JUDGED + OPEN))
    rows = _rows(project, asked, REPLIES[interface], rng)
    items = create_items(project, rows=rows, queue=task.queue)
    said = [(item, one, texts) for item, one, (_, texts) in zip(items, asked, rows, strict=True)][:JUDGED]
    recorded = record_judgments(
        project,
        judgments=_given(said, interface, rng),
        origin="simulated",
        rater_kind=Rater.Kind.SIMULATED,
        names={person.key: person.name for person in PEOPLE},
        queue=task.queue,
        kind=interface,
        instruction=project.instructions.order_by("-number").first(),
    )
    return recorded.count


def _rows(project: Project, asked: list[Asked], count: int, rng: random.Random):
    source = get_or_create_source(project, kind=Source.Kind.SIMULATED, key="demo:grammar", name="The demo's grammar")
    made = get_or_create_prompts(
        project, [PromptRow([{"role": "user", "content": one.prompt}], category=one.question.category) for one in asked]
    )
    texts = [_different(one, count, rng) for one in asked]
    rows = [
        CompletionRow(prompt, source, text) for prompt, several in zip(made, texts, strict=True) for text in several
    ]
    completions = iter(get_or_create_completions(rows))
    return [(prompt, [next(completions) for _ in several]) for prompt, several in zip(made, texts, strict=True)]


def _different(asked: Asked, count: int, rng: random.Random) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        text = compose(asked.question, Mixture().draw(asked.question, rng), rng)
        if text not in found:
            found.append(text)
    return found


def _given(said: list, interface: str, rng: random.Random) -> Iterator[Given]:
    for item, asked, completions in said:
        person = rng.choice([one for one in PEOPLE if not one.guesses])
        order = rng.sample(range(len(completions)), len(completions))
        felt = [person.utility(asked.prompt, completion.text) for completion in completions]
        yield Given(
            item=item,
            rater=person.key,
            value=_value(interface, person, felt, rng),
            scale=5 if interface == "likert" else None,
            shown_order=tuple(order),
            active_ms=int(rng.uniform(3000, 15000)),
        )


def _value(interface: str, person: Person, felt: list[float], rng: random.Random) -> dict:
    noisy = [liking + rng.gauss(0, person.temperature) for liking in felt]
    if interface == "ranking":
        return {"ranks": competition([round(-liking, 1) for liking in noisy])}
    if interface == "thumbs":
        return {"label": noisy[0] >= 0.5}
    steps = [max(1, min(5, round(1 + 4 * liking + rng.gauss(0, 0.4)))) for liking in noisy * 2]
    return {"ratings": {"helpful": steps[0], "polite": steps[1]}, "scale": 5}
