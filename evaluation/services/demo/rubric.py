"""The demo's rubric: versions with an item split, scored by simulated people, and tried beside programs."""

import random
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotation.demo.people import PEOPLE, Person
from annotation.demo.truth import Quality, quality
from annotation.interfaces import rubric as way
from annotation.models import Completion, Item, Project, Rater, RubricVersion, Task
from annotation.rubric_document import document
from annotation.selectors.rubrics import categories_of
from annotation.services.judgments import Given, record_judgments
from annotation.services.rubric_tasks import ask_people
from annotation.services.rubric_trials import create_trial
from annotation.services.rubrics import add_version, create_rubric, split_item

SEED = 31
NAME = "Good neighbour"
SCORED, OPEN = 24, 12  # prompts that simulated people have scored by each version, prompts that wait for people
TRIED = 12  # completions in the trial
PANEL = ("ada", "bruno", "flora")
TRUE, REWORDED = "What it says is true.", "What it says is true, as far as the guide knows."
PLEASANT = "It is a pleasant reply."
BRIEF = "It has at most forty words."
KIND = "It sounds kind, as one neighbour to another."
FIRST = {
    "categories": [
        {
            "name": "",
            "generation_prompt": "You help neighbours who share an allotment. Answer what was asked, and kindly.",
            "improvement_prompt": "Rewrite the reply so that the critique no longer applies. Keep what was right.",
            "items": [{"text": TRUE, "weight": 0.6}, {"text": PLEASANT, "weight": 0.4}],
        }
    ]
}
SUMS = {
    "name": "adding",
    "generation_prompt": "You help neighbours who share an allotment. Work the sum out, then name the number.",
    "improvement_prompt": "",
    "items": [
        {"text": "The number is right.", "weight": 0.7, "kind": "verifiable", "verifier": "gsm8k"},
        {"text": "It says how it came to the number.", "weight": 0.3},
    ],
}
PARTS = [
    {"text": BRIEF, "kind": "verifiable", "verifier": "word_count", "options": {"at_most": 40}, "share": 1},
    {
        "text": KIND,
        "critique_prompt": "You listen for tone. Quote what would please or hurt a neighbour, and say why.",
        "share": 1,
    },
]
# How far a person's score may be off, and how sure they are, by item: nobody is sure what “pleasant” means.
SURE = {TRUE: 0.8, REWORDED: 0.9, PLEASANT: 0.45, BRIEF: 0.97, KIND: 0.62}


@transaction.atomic
def make_rubric(project: Project, *, by: User) -> None:
    """Does nothing where the rubric is there already."""
    if project.rubrics.filter(name=NAME).exists():
        return
    rng, now = random.Random(SEED), timezone.now()
    first = create_rubric(
        project, by=by, name=NAME, description="What the demo's neighbours would call a good reply.", document=FIRST
    )
    pleasant = next(item for item in categories_of(first)[0].items if item.text == PLEASANT)
    _scored(project, first, by=by, rng=rng, at=now - timedelta(days=12))
    split = split_item(first.rubric, by=by, key=pleasant.key, parts=PARTS, note="“Pleasant” said too little: split")
    told = document(categories_of(split))
    told["categories"][0]["items"][0]["text"] = REWORDED
    second = add_version(
        first.rubric, by=by, document={"categories": [SUMS, *told["categories"]]}, note="Sums have items of their own"
    )
    task = _scored(project, second, by=by, rng=rng, at=now - timedelta(days=2))
    asked = Item.objects.filter(project=project, queue=task.queue).values("entries__completion")
    if waiting := _completions(project, without=asked)[: 2 * OPEN]:
        ask_people(project, by=by, version=second, completions=waiting)
    create_trial(second, by=by, completions=_completions(project, without=[])[:TRIED])


def _completions(project: Project, *, without) -> list[Completion]:
    """Both answers of pairs that wait for people, pair by pair."""
    items = Item.objects.filter(project=project, queue="label", open_slots__gt=0)
    entries = (
        items.exclude(entries__completion__in=without)
        .order_by("pk")
        .prefetch_related("entries__completion__prompt")[: SCORED + OPEN]
    )
    return [entry.completion for item in entries for entry in item.entries.all()]


def _scored(project: Project, version: RubricVersion, *, by: User, rng: random.Random, at) -> Task:
    """The version's task, with items that simulated people have scored."""
    completions = _completions(project, without=[])[: 2 * SCORED]
    task, _ = ask_people(project, by=by, version=version, completions=completions, overlap=2)
    items = Item.objects.filter(project=project, queue=task.queue).select_related("prompt")
    people = [person for person in PEOPLE if person.key in PANEL]
    turned = dict.fromkeys(PANEL, False)  # which answer stands first, in turn for each of them
    record_judgments(
        project,
        judgments=[
            _said(item, person, task, rng, at, turned)
            for item in items.prefetch_related("entries__completion").order_by("pk")
            for person in rng.sample(people, 2)
        ],
        origin="simulated",
        rater_kind=Rater.Kind.SIMULATED,
        names={person.key: person.name for person in people},
        queue=task.queue,
        kind=way.NAME,
    )
    return task


def _said(item: Item, person: Person, task: Task, rng: random.Random, at, turned: dict[str, bool]) -> Given:
    settings = way.settings(task.settings)
    asked = item.prompt.messages[-1]["content"]
    to_score = settings.rubric.items_for(item.prompt.category)
    sheets = [
        {one.key: _entry(one, quality(asked, entry.completion.text), person, rng) for one in to_score}
        for entry in item.entries.all()
    ]
    value = {
        "rubric": settings.rubric.uid,
        "version": settings.rubric.number,
        "weights": {one.key: one.weight for one in to_score},
        "sheets": sheets,
    }
    turned[person.key] = not turned[person.key]
    order, took = (1, 0) if turned[person.key] else (0, 1), rng.randint(9_000, 40_000)
    return Given(item=item, rater=person.key, value=value, shown_order=order, judged_at=at, active_ms=took)


def _entry(item: way.Item, true: Quality, person: Person, rng: random.Random) -> dict:
    parts = {PLEASANT: (true.polite + true.brief) / 2, BRIEF: true.brief, KIND: true.polite}
    sure = SURE.get(item.text, 0.8)
    noise = rng.gauss(0, person.temperature + 0.6 * (1 - sure))
    score, confidence = parts.get(item.text, true.correct) + noise, sure + rng.gauss(0, 0.08)
    return {
        "score": _step(score),
        "confidence": _step(confidence, 0.05),
        "reason": "Hard to say what counts here." if confidence < 0.4 else "",
    }


def _step(value: float, by: float = 0.25) -> float:
    return round(round(min(max(value, 0.0), 1.0) / by) * by, 4)
