"""Filling a task with items of completions that are there: at once when few, in the background when many."""

from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from alignment_site.celery import enqueue
from annotation.errors import Refused
from annotation.grouping import GROUPINGS, groupings, groups
from annotation.interfaces import interface
from annotation.models import Completion, Filling, Item, Project, Prompt, Source, Task
from annotation.selectors.fillings import Choice, chosen_completions, count
from annotation.services.audit import record
from annotation.services.items import create_items

FEW = 500  # items that are made before the page answers
CHUNK = 100  # prompts
SILENT_AFTER = timedelta(seconds=60)
State = Filling.State


class Superseded(Exception):
    """Another attempt has taken this filling over."""


def check(task: Task, choice: Choice) -> None:
    """Raises Refused for a choice that gives no items of the task's way to label."""
    least, most = interface(task.interface).COMPLETIONS
    there = groupings(least, most)
    if not there:
        raise Refused(f"{task.title} is made of prompts, not of completions.", code="task")
    if choice.grouping not in there:
        words = "; ".join(f"“{GROUPINGS[name]}”" for name in there)
        raise _wrong("grouping", f"{task.title} takes {_takes(least, most)}. Choose {words}.")
    known = set(Source.objects.filter(project=task.project).values_list("pk", flat=True))
    if choice.grouping == "two":
        for name in ("first", "second"):
            if getattr(choice, name) not in known:
                raise _wrong(name, "Choose a source of this project.")
        if choice.first == choice.second:
            raise _wrong("second", "Choose another source than the first.")
    if set(choice.sources) - known:
        raise _wrong("sources", "Choose sources of this project.")
    if not 0 <= choice.limit <= 1000:
        raise _wrong("limit", "Must lie between 1 and 1,000, or be empty.")


def _takes(least: int, most: int) -> str:
    return f"{least} response{'s' if least > 1 else ''} an item" if least == most else f"{least} to {most} an item"


def _wrong(path: str, message: str) -> Refused:
    return Refused(message, code=path, problems=[{"path": path, "message": message}])


@transaction.atomic
def start_filling(project: Project, *, by, task: Task, choice: Choice) -> Filling:
    """Make the items, here and now when they are few, else wake a worker on `light`.

    Items of the task that hold the same completions are counted as duplicates and not made again, so that filling
    twice adds what is new. Raises Refused for a choice that does not fit the task, or that holds nothing.
    """
    check(task, choice)
    counted = count(task, choice)
    if not counted.items:
        raise Refused(
            "No prompt has completions that fit. Take in more sources or prompts, or put them together another way.",
            code="empty",
        )
    filling = Filling.objects.create(
        project=project, task=task, created_by=by, choice=choice.as_dict(), expected=counted.items
    )
    record(project, by=by, action="items.fill", target=task, after={"items": counted.items, **choice.as_dict()})
    if counted.items <= FEW:
        fill(filling.pk)
        filling.refresh_from_db()
    else:
        enqueue("annotation.fill_task", filling_id=filling.pk)
    return filling


def fill(filling_id: int) -> None:
    """Queued to filling to done. A second delivery is a no-op; a killed one goes on where it was."""
    attempt = uuid4()
    waiting = Filling.objects.filter(pk=filling_id, state=State.QUEUED)
    if not waiting.update(state=State.FILLING, attempt=attempt, heartbeat_at=timezone.now()):
        return
    filling = Filling.objects.select_related("task", "project").get(pk=filling_id)
    try:
        while _fill_some(filling):
            pass
    except Superseded:
        return


@transaction.atomic
def _fill_some(filling: Filling) -> bool:
    """The next prompts; False when there were none left."""
    choice = Choice.read(filling.choice)
    chosen = chosen_completions(filling.project, choice).filter(prompt__gt=filling.cursor)
    ids = list(chosen.order_by("prompt").values_list("prompt", flat=True).distinct()[:CHUNK])
    if not ids:
        _beat(filling, state=State.DONE, finished_at=timezone.now())
        return False
    by_prompt: dict[int, list[Completion]] = {}
    for completion in chosen.filter(prompt__in=ids).defer("text", "sampling").order_by("prompt", "pk"):
        by_prompt.setdefault(completion.prompt_id, []).append(completion)
    prompts = Prompt.objects.in_bulk(ids)
    rows, duplicates, same = _rows(filling.task, choice, by_prompt)
    create_items(
        filling.project,
        rows=[(prompts[prompt], group) for prompt, group in rows],
        queue=filling.task.queue,
        kind=filling.task.interface,
    )
    filling.cursor = ids[-1]
    _beat(
        filling,
        cursor=ids[-1],
        made=F("made") + len(rows),
        duplicates=F("duplicates") + duplicates,
        same_text=F("same_text") + same,
    )
    return True


def _rows(task: Task, choice: Choice, by_prompt: dict[int, list[Completion]]) -> tuple[list, int, int]:
    """(prompt, completions) of items that are new; how many were there already, how many say the same twice."""
    least, most = interface(task.interface).COMPLETIONS
    there = _there(task, list(by_prompt))
    rows, duplicates, same = [], 0, 0
    for prompt, answers in by_prompt.items():
        told = answers if choice.grouping in ("each", "two") else list({one.digest: one for one in answers}.values())
        same += len(answers) - len(told)
        found = groups(choice.grouping, told, least, most, first=choice.first, second=choice.second)
        for group in found[: choice.limit or None]:
            if len({completion.digest for completion in group}) < len(group):
                same += 1
            elif frozenset(completion.pk for completion in group) in there:
                duplicates += 1
            else:
                rows.append((prompt, group))
    return rows, duplicates, same


def _there(task: Task, prompts: list[int]) -> set[frozenset[int]]:
    """The completions of each item that the task has of these prompts."""
    items = Item.objects.filter(project=task.project_id, queue=task.queue, prompt__in=prompts)
    found: dict[int, set[int]] = {}
    for item, completion in items.values_list("pk", "entries__completion"):
        found.setdefault(item, set()).add(completion)
    return {frozenset(completions) for completions in found.values()}


def _beat(filling: Filling, **fields) -> None:
    mine = Filling.objects.filter(pk=filling.pk, attempt=filling.attempt, state=State.FILLING)
    if not mine.update(heartbeat_at=timezone.now(), **fields):
        raise Superseded


def resume_fillings() -> None:
    """Put fillings whose worker fell silent back into the queue, and ring for those that wait."""
    silent = timezone.now() - SILENT_AFTER
    Filling.objects.filter(state=State.FILLING, heartbeat_at__lt=silent).update(state=State.QUEUED, attempt=None)
    for pk in Filling.objects.filter(state=State.QUEUED).values_list("pk", flat=True):
        enqueue("annotation.fill_task", filling_id=pk)
