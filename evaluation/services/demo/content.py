"""The demo's project, prompts, replies and items."""

from collections.abc import Sequence
from itertools import islice

from django.contrib.auth.models import User

from annotation.demo.corpus import Asked, Pair, pairs, prompts
from annotation.demo.guide import guide
from annotation.models import Item, Membership, Project, Source
from annotation.services.content import (
    CompletionRow,
    PromptRow,
    get_or_create_completions,
    get_or_create_prompts,
    get_or_create_source,
)
from annotation.services.items import create_items
from annotation.services.projects import create_project
from evaluation.services.demo.people import PEOPLE

SLUG = "orchard"
JUDGED, OPEN = 1000, 400  # pairs that simulated annotators have judged, pairs that wait for people
JUDGES_A_PAIR = 3
CHECKABLE_SHARE = 0.25
PROMPT_SETS = {"orchard": 300, "checkable": 600}
JUDGED_SEED, OPEN_SEED, SET_SEED = 11, 12, 13


def make_project(users: dict[str, User]) -> Project:
    """The project and its members."""
    project = create_project(
        by=users["lead"],
        name="Orchard assistant",
        slug=SLUG,
        guide=guide(),
        description="An assistant for neighbours who share an allotment. Written for this demo.",
        task={
            "question": "Which reply would help this neighbour more?",
            "hint": "Right before pretty. Longer is not better.",
            "overlap": 2,
        },
    )
    Membership.objects.bulk_create(
        Membership(project=project, user=users[person.username], role=person.role)
        for person in PEOPLE
        if users[person.username] != users["lead"]
    )
    return project


def make_items(project: Project) -> list[tuple[Item, Pair]]:
    """The pairs, in the order of the grammar: judged ones first, then those that wait for people.

    Returns the items that wait for simulated judgments, with their texts: none when they were made before.
    """
    if Item.objects.filter(project=project, queue="label", import_job=None).exists():
        return []
    judged = list(islice(pairs(JUDGED_SEED, checkable=CHECKABLE_SHARE, validation=False), JUDGED))
    taken = {pair.asked.prompt for pair in judged}
    waiting = [
        pair
        for pair in islice(pairs(OPEN_SEED, checkable=CHECKABLE_SHARE, validation=False), 2 * OPEN)
        if pair.asked.prompt not in taken
    ][:OPEN]
    items = create_items(project, rows=_rows(project, judged), queue="label", overlap=JUDGES_A_PAIR)
    create_items(project, rows=_rows(project, waiting), queue="label")
    return list(zip(items, judged, strict=True))


def make_prompt_sets(project: Project) -> None:
    """Two named sets: free questions, and questions whose answer a verifier checks (with `reference`).

    Their prompts are held out from everything the tiny model and the pairs were drawn from.
    """
    for name, count in PROMPT_SETS.items():
        drawn = prompts(SET_SEED, checkable=float(name == "checkable"), validation=True)
        get_or_create_prompts(project, [_prompt(asked, prompt_set=name) for asked in islice(drawn, count)])


def _rows(project: Project, drawn: Sequence[Pair]):
    source = get_or_create_source(project, kind=Source.Kind.SIMULATED, key="demo:grammar", name="The demo's grammar")
    made = get_or_create_prompts(project, [_prompt(pair.asked) for pair in drawn])
    texts = [
        CompletionRow(prompt, source, text)
        for prompt, p in zip(made, drawn, strict=True)
        for text in (p.first, p.second)
    ]
    completions = get_or_create_completions(texts)
    return [(prompt, completions[2 * at : 2 * at + 2]) for at, prompt in enumerate(made)]


def _prompt(asked: Asked, *, prompt_set: str = "") -> PromptRow:
    return PromptRow(
        messages=[{"role": "user", "content": asked.prompt}],
        prompt_set=prompt_set,
        category=asked.question.category,
        reference=asked.reference,
    )
