"""Generating more responses: several sources, several tries, and items made of what comes."""

import secrets
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from annotation.errors import Refused
from annotation.grouping import grouped
from annotation.interfaces import interface
from annotation.models import Completion, Gathering, GenerationRequest, GenerationRow, Project, Prompt, Source, Task
from annotation.services.audit import record
from annotation.services.generation import cancel_generation, request_generation
from annotation.services.items import create_items

MOST_EACH = 8
MOST_ANSWERS = 20_000
State = GenerationRequest.State


@transaction.atomic
def gather(
    project: Project,
    *,
    by,
    sources: Sequence[Source],
    prompts: Sequence[Prompt],
    each: int,
    sampling: dict,
    task: Task | None = None,
) -> Gathering:
    """Ask every source for `each` answers to every prompt. Wakes workers on `sample`, once a source and try.

    Raises Refused without sources or prompts, for more answers than a gathering takes, or for a task that judges no
    answers of models, or more than will come.
    """
    if not sources:
        raise Refused("Choose at least one model.", code="no_sources", problems=[_at("sources", "Choose one or more.")])
    if not 1 <= each <= MOST_EACH:
        raise Refused(f"Ask for 1 to {MOST_EACH} answers of each model.", code="each")
    if len(prompts) * len(sources) * each > MOST_ANSWERS:
        raise Refused(
            f"{len(prompts):,} prompts, {len(sources)} models and {each} answers each are "
            f"{len(prompts) * len(sources) * each:,} answers; one request takes {MOST_ANSWERS:,}.",
            code="too_many",
        )
    if task is not None:
        _check(task, len(sources) * each)
    made = Gathering.objects.create(project=project, task=task, each=each, prompt_count=len(prompts), created_by=by)
    told = {"models": [source.name for source in sources], "prompts": len(prompts), "each": each, **sampling}
    record(project, by=by, action="responses.ask", target=task, after=told)
    first = sampling.get("seed")
    first = secrets.randbelow(2**31 - MOST_EACH) if first is None else first
    for source in sources:
        for attempt in range(each):
            request = request_generation(
                project, source=source, prompts=prompts, sampling=sampling | {"seed": first + attempt}, by=by
            )
            GenerationRequest.objects.filter(pk=request.pk).update(gathering=made)
    return made


def _check(task: Task, answers: int) -> None:
    way = interface(task.interface)
    least, most = way.COMPLETIONS
    if most < 1:
        raise Refused(f"{task.title} takes prompts and no responses.", code="task")
    if answers < least:
        raise Refused(
            f"{task.title} takes {least} responses to an item; {answers} will come to each prompt. "
            "Choose another model, or ask for more of each.",
            code="task",
        )


def _at(path: str, message: str) -> dict:
    return {"path": path, "message": message}


@transaction.atomic
def settle_with(request: GenerationRequest) -> None:
    """To be called when a request is done: if it was the last of its gathering, the items are made, once."""
    if request.gathering_id is None:
        return
    made = Gathering.objects.select_for_update().filter(pk=request.gathering_id, settled_at=None).first()
    if made and not made.requests.exclude(state=State.DONE).exists():
        _settle(made)


@transaction.atomic
def settle_now(gathering: Gathering) -> int:
    """Make items of what is there, and ask for no more. Returns how many. Raises Refused if that was done."""
    made = Gathering.objects.select_for_update().filter(pk=gathering.pk, settled_at=None).first()
    if made is None:
        raise Refused("These answers have become items already.", code="settled", status=409)
    cancel_gathering(made)
    return _settle(made)


def cancel_gathering(gathering: Gathering) -> int:
    """No more answers are made; those that are there stay. Returns how many requests had not ended."""
    return sum(cancel_generation(request) for request in gathering.requests.exclude(state__in=GenerationRequest.ENDED))


def _settle(gathering: Gathering) -> int:
    """Items of the answers by prompt, in the order of sources and tries. Equal texts of a source are one answer."""
    items = []
    if gathering.task is not None:
        least, most = interface(gathering.task.interface).COMPLETIONS
        by_prompt: dict[Prompt, dict[int, Completion]] = {}
        rows = GenerationRow.objects.filter(request__gathering=gathering).exclude(completion=None)
        for row in rows.select_related("prompt", "completion").order_by("prompt", "request"):
            by_prompt.setdefault(row.prompt, {}).setdefault(row.completion_id, row.completion)
        wanted = [
            (prompt, group)
            for prompt, answers in by_prompt.items()
            for group in grouped(_distinct(answers.values()), least, most)
        ]
        items = create_items(gathering.project, rows=wanted, queue=gathering.task.queue, kind=gathering.task.interface)
    Gathering.objects.filter(pk=gathering.pk).update(item_count=len(items), settled_at=timezone.now())
    return len(items)


def _distinct(answers) -> list[Completion]:
    """One of each text: two that read the same teach nothing side by side."""
    return list({answer.digest: answer for answer in reversed(list(answers))}.values())[::-1]
