"""Stages one chunk of imported records: prompts, completions, items and judgments that nobody sees yet.

Everything made names its import. Prompts and items are unpublished; judgments count as withdrawn, because one may
belong to an item that is public already. Publishing flips the flags; discarding deletes what names the import.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils import timezone

from annotation.chunks import chunked
from annotation.importers.orientation import oriented
from annotation.importers.records import Record, Verdict
from annotation.interfaces import interface
from annotation.models import (
    Completion,
    ImportJob,
    Item,
    ItemCompletion,
    Judgment,
    JudgmentRevision,
    Prompt,
    Rater,
    Source,
    Task,
)
from annotation.services.content import (
    CompletionRow,
    PromptRow,
    get_or_create_completions,
    get_or_create_prompts,
    get_or_create_source,
)
from annotation.services.import_project import ProjectImport
from annotation.services.judgments import payload_of
from annotation.snapshot_format import canonical_json, message_digest, text_digest

QUEUE = "import"
_NAMESPACE = uuid5(NAMESPACE_URL, "plumbline:import")


@dataclass
class Stage:
    """An import under way: what it has made so far, and the sources and raters it has met."""

    job: ImportJob
    counts: Counter = field(default_factory=Counter)
    sources: dict[str, Source] = field(default_factory=dict)
    raters: dict[tuple[str, str], Rater] = field(default_factory=dict)
    whole: ProjectImport | None = None  # where a whole project comes in

    @property
    def judged_here(self) -> bool:
        """What comes in goes to people here; verdicts that came along are left behind."""
        return bool(self.job.options.get("judge_here"))

    @cached_property
    def task(self) -> Task:
        """The work that items join which people here judge."""
        queue = self.job.options.get("task") or "label"
        return Task.objects.filter(project=self.job.project, queue=queue).first() or self.job.project.first_task

    def source(self, key: str) -> Source:
        if key not in self.sources:
            name = key or self.job.name
            full = f"{self.job.format}:{key}" if key else f"file:{self.job.name}"
            self.sources[key] = get_or_create_source(
                self.job.project, kind=Source.Kind.IMPORT, key=full[:200], name=name[:200]
            )
        return self.sources[key]

    def rater(self, verdict: Verdict) -> Rater:
        key = verdict.rater or f"{self.job.format}:{self.job.name}"
        if (verdict.kind, key) not in self.raters:
            self.raters[verdict.kind, key] = Rater.objects.get_or_create(
                project=self.job.project,
                kind=verdict.kind,
                key=key[:200],
                defaults={"name": (verdict.rater or self.job.name)[:200]},
            )[0]
        return self.raters[verdict.kind, key]


@transaction.atomic
def stage(staging: Stage, records: Sequence[Record]) -> None:
    """Write a chunk. What is there already is counted as a duplicate and not written again."""
    wanted = _for_task(staging, records) if staging.judged_here else records
    fresh = _without_duplicates(staging, [oriented(record) for record in wanted])
    prompts = _prompts(staging, [record for record, _ in fresh])
    with_answers = [
        (record, submission, prompt)
        for (record, submission), prompt in zip(fresh, prompts, strict=True)
        if record.answers or (staging.judged_here and record.interface)
    ]
    completions = iter(
        get_or_create_completions(
            [
                CompletionRow(prompt, staging.source(answer.source), answer.text, answer.sampling)
                for record, _, prompt in with_answers
                for answer in record.answers
            ],
            import_job=staging.job,
        )
    )
    rows = [
        (record, submission, prompt, [next(completions) for _ in record.answers])
        for record, submission, prompt in with_answers
    ]
    items = _items(staging, rows)
    if not staging.judged_here:
        said = [(record, name, item) for (record, name, _, _), item in zip(rows, items, strict=True)]
        _judgments(staging, said)


def _for_task(staging: Stage, records: Sequence[Record]) -> list[Record]:
    """The records that the task can show, as items of its interface; the others are left out and counted."""
    least, most = interface(staging.task.interface).COMPLETIONS
    fitting = []
    for record in records:
        if least <= len(record.answers) <= most:
            fitting.append(replace(record, interface=staging.task.interface, verdict=None, key=""))
        elif not record.answers:
            fitting.append(record)  # a prompt, and nothing to judge
        else:
            staging.counts[f"left out: not {least} to {most} answers, which {staging.task.title} shows"] += 1
    return fitting


def _without_duplicates(staging: Stage, records: Sequence[Record]) -> list[tuple[Record, UUID | None]]:
    """Records that say something new, each with the name its judgment will have."""
    named = [(record, _submission(staging, record)) for record in records]
    wanted = [name for _, name in named if name is not None]
    known = set()
    for part in chunked(wanted, 400):
        known.update(JudgmentRevision.objects.filter(submission__in=part).values_list("submission", flat=True))
    fresh = []
    for record, name in named:
        if name is not None and name in known:
            staging.counts["duplicates"] += 1
            continue
        known.add(name)
        fresh.append((record, name))
    return fresh


def _submission(staging: Stage, record: Record) -> UUID | None:
    """What makes reading the same row again harmless: the same words by the same rater have the same name."""
    if record.verdict is None or staging.judged_here:
        return None
    said = [
        staging.job.project_id,
        staging.job.options.get("prompt_set", ""),
        message_digest(record.messages),
        [text_digest(answer.text) for answer in record.answers],
        [answer.source for answer in record.answers],
        record.interface,
        [record.verdict.kind, record.verdict.rater, record.verdict.strength, record.verdict.value],
        record.key,
    ]
    if record.verdict.outcome != "answer":
        said.append(record.verdict.outcome)
    return uuid5(_NAMESPACE, canonical_json(said))


def _prompts(staging: Stage, records: Sequence[Record]) -> list[Prompt]:
    newest = Prompt.objects.order_by("-id").values_list("id", flat=True).first() or 0
    prompts = get_or_create_prompts(
        staging.job.project,
        [
            PromptRow(
                record.messages,
                staging.job.options.get("prompt_set", ""),
                record.category,
                list(record.tags),
                record.reference,
            )
            for record in records
        ],
        import_job=staging.job,
    )
    made = {prompt.pk for prompt in prompts if prompt.pk > newest}
    met: set[int] = set()
    for record, prompt in zip(records, prompts, strict=True):
        if not record.answers and (prompt.pk not in made or prompt.pk in met):
            staging.counts["duplicates"] += 1
        met.add(prompt.pk)
    return prompts


def _items(staging: Stage, rows) -> list[Item]:
    """The item of each row: one a prompt, interface and pair of completions."""
    queue = staging.task.queue if staging.judged_here else QUEUE
    known = _known_items(staging, rows, queue)
    overlap = staging.task.overlap if staging.judged_here else 0
    made: dict[tuple, tuple[Item, Sequence[Completion]]] = {}
    keys = []
    for record, _, prompt, completions in rows:
        key = (prompt.pk, record.interface, *(completion.pk for completion in completions))
        keys.append(key)
        if key in known or key in made:
            staging.counts["duplicates"] += staging.judged_here
            continue
        item = Item(
            project=staging.job.project,
            import_job=staging.job,
            queue=queue,
            interface=record.interface,
            prompt=prompt,
            size=len(completions),
            overlap=overlap,
            open_slots=overlap,
            published=False,
        )
        made[key] = (item, completions)
    Item.objects.bulk_create([item for item, _ in made.values()], batch_size=500)
    ItemCompletion.objects.bulk_create(
        [
            ItemCompletion(item=item, completion=completion, index=index)
            for item, completions in made.values()
            for index, completion in enumerate(completions)
        ],
        batch_size=500,
    )
    known.update({key: item for key, (item, _) in made.items()})
    return [known[key] for key in keys]


def _known_items(staging: Stage, rows, queue: str) -> dict[tuple, Item]:
    """Items that may be those of the rows: by the completion that stands first, as a prompt may have thousands."""
    here = Item.objects.filter(project=staging.job.project, queue=queue)
    firsts = {completions[0].pk for _, _, _, completions in rows if completions}
    alone = {prompt.pk for _, _, prompt, completions in rows if not completions}
    likely = [
        *(here.filter(entries__completion__in=part, entries__index=0) for part in chunked(sorted(firsts), 400)),
        *(here.filter(prompt__in=part, size=0) for part in chunked(sorted(alone), 400)),
    ]
    found: dict[tuple, Item] = {}
    for items in likely:
        for item in items.order_by("-id").prefetch_related("entries"):
            if item.published or item.import_job_id == staging.job.pk:
                key = (item.prompt_id, item.interface, *(entry.completion_id for entry in item.entries.all()))
                found[key] = item
    return found


def _judgments(staging: Stage, rows: Sequence[tuple[Record, UUID | None, Item]]) -> None:
    now = timezone.now()
    made, names = [], []
    for record, submission, item in rows:
        if record.verdict is None:
            continue
        said = record.verdict
        value = dict(said.value)
        if said.strength is not None:
            preferred = None if said.strength == 0 else int(said.strength < 0)
            value = {"scale": said.scale, "strength": said.strength, "preferred": preferred, **value}
        made.append(
            Judgment(
                item=item,
                rater=staging.rater(said),
                import_job=staging.job,
                outcome=said.outcome,
                scale=said.scale,
                strength=said.strength,
                value=value,
                shown_order=list(said.shown),
                reason=said.reason[:40],
                comment=said.comment,
                origin="import",
                withdrawn=True,
                active_ms=said.active_ms,
                judged_at=said.at or now,
            )
        )
        names.append(submission)
    Judgment.objects.bulk_create(made, batch_size=500)
    JudgmentRevision.objects.bulk_create(
        [
            JudgmentRevision(
                judgment=judgment,
                number=1,
                kind=JudgmentRevision.Kind.GIVE,
                submission=name,
                payload={**payload_of(judgment), "value": judgment.value},
                at=now,
            )
            for judgment, name in zip(made, names, strict=True)
        ],
        batch_size=500,
    )
