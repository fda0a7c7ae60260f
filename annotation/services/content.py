"""Get or create sources, prompts and completions, in bulk: a few queries for a whole chunk, whatever its size.

Nothing here opens a transaction of its own: the caller's chunk is the unit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from annotation.models import Completion, ImportJob, Project, Prompt, Source
from annotation.snapshot_format import message_digest, split_key, text_digest

_LOOKUP = 400  # values in one IN list


@dataclass(frozen=True)
class PromptRow:
    """A prompt to be found or made. One prompt is one digest in one prompt set."""

    messages: list[dict]
    prompt_set: str = ""
    category: str = ""
    tags: list[str] = field(default_factory=list)
    reference: str = ""


@dataclass(frozen=True)
class CompletionRow:
    prompt: Prompt
    source: Source
    text: str
    sampling: dict = field(default_factory=dict)
    improves: Completion | None = None


def get_or_create_source(project: Project, *, kind: str, key: str, name: str) -> Source:
    return Source.objects.get_or_create(project=project, kind=kind, key=key, defaults={"name": name})[0]


def get_or_create_prompt(project: Project, messages: list[dict], *, prompt_set: str = "", **details) -> Prompt:
    [prompt] = get_or_create_prompts(project, [PromptRow(messages, prompt_set, **details)])
    return prompt


def get_or_create_prompts(
    project: Project, rows: Sequence[PromptRow], *, import_job: ImportJob | None = None
) -> list[Prompt]:
    """The prompts of `rows`, in their order. With `import_job`, new ones stay unpublished until it is published."""
    keys = [(row.prompt_set, message_digest(row.messages)) for row in rows]
    known = _known_prompts(project, {digest for _, digest in keys}, import_job)
    new: dict[tuple[str, str], Prompt] = {}
    for key, row in zip(keys, rows, strict=True):
        if key not in known and key not in new:
            new[key] = Prompt(
                project=project,
                import_job=import_job,
                messages=row.messages,
                digest=key[1],
                split_key=split_key(row.messages),
                prompt_set=row.prompt_set,
                category=row.category,
                tags=list(row.tags),
                reference=row.reference,
                published=import_job is None,
            )
    Prompt.objects.bulk_create(new.values(), batch_size=500)
    known.update(new)
    return [known[key] for key in keys]


def _known_prompts(project: Project, digests: Iterable[str], import_job) -> dict[tuple[str, str], Prompt]:
    found: dict[tuple[str, str], Prompt] = {}
    for part in _parts(digests):
        for prompt in Prompt.objects.filter(project=project, digest__in=part).order_by("id"):
            if prompt.published or (import_job is not None and prompt.import_job_id == import_job.pk):
                found.setdefault((prompt.prompt_set, prompt.digest), prompt)
    return found


def get_or_create_completions(
    rows: Sequence[CompletionRow], *, import_job: ImportJob | None = None
) -> list[Completion]:
    """The completions of `rows`, in their order: one a prompt, source and text."""
    keys = [(row.prompt.pk, row.source.pk, text_digest(row.text)) for row in rows]
    known: dict[tuple, Completion] = {}
    for part in _parts({digest for _, _, digest in keys}):
        said = Completion.objects.filter(prompt__in={row.prompt.pk for row in rows}, digest__in=part)
        for completion in said.defer("text", "sampling").order_by("id"):
            known.setdefault((completion.prompt_id, completion.source_id, completion.digest), completion)
    new: dict[tuple, Completion] = {}
    for key, row in zip(keys, rows, strict=True):
        if key not in known and key not in new:
            new[key] = Completion(
                prompt=row.prompt,
                source=row.source,
                text=row.text,
                digest=key[2],
                sampling=row.sampling,
                improves=row.improves,
                import_job=import_job,
            )
    Completion.objects.bulk_create(new.values(), batch_size=500)
    known.update(new)
    return [known[key] for key in keys]


def _parts(values: Iterable) -> Iterable[list]:
    ordered = sorted(values)
    return (ordered[at : at + _LOOKUP] for at in range(0, len(ordered), _LOOKUP))
