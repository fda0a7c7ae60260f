"""Comparisons: asked for, generated, put to the vote, tried again after a failure, opened."""

import random
from collections.abc import Sequence
from itertools import combinations

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import GenerationRequest, GenerationRow, Project, Prompt
from annotation.services.audit import record
from annotation.services.content import PromptRow, get_or_create_prompts
from annotation.services.generation import request_generation, retry_generation
from annotation.services.items import create_items
from evaluation.models import Comparison, Entry, Opening
from training.models import Checkpoint
from training.services.scoring import request_scores

FEWEST, MOST = 2, 4
TYPED = "typed"
AT_WORK = (GenerationRequest.State.QUEUED, GenerationRequest.State.RUNNING)
FAILED = (GenerationRequest.State.FAILED, GenerationRequest.State.CANCELLED)


@transaction.atomic
def create_comparison(
    project: Project,
    *,
    by,
    checkpoints: Sequence[Checkpoint],
    prompts: Sequence[Prompt],
    sampling: dict,
    name: str = "",
    prompt_set: str = "",
    overlap: int = 3,
    scorers: Sequence[Checkpoint] = (),
) -> Comparison:
    """A comparison that generates: one request a checkpoint, each waking `training.generate`.

    Raises Refused unless two to four different policies of this project are named.
    """
    _check(project, checkpoints, scorers)
    comparison = Comparison.objects.create(
        project=project, name=name, prompt_set=prompt_set, sampling=sampling, overlap=overlap, created_by=by
    )
    if not name:
        comparison.name = f"Comparison {comparison.pk}"
        comparison.save(update_fields=["name"])
    comparison.scorers.set(scorers)
    for index, checkpoint in enumerate(checkpoints):
        request = request_generation(project, source=checkpoint.source, prompts=prompts, sampling=sampling, by=by)
        Entry.objects.create(comparison=comparison, checkpoint=checkpoint, request=request, index=index)
    after = {"models": [checkpoint.name for checkpoint in checkpoints], "prompts": len(prompts), "overlap": overlap}
    record(project, by=by, action="comparison.create", target=comparison, after=after)
    return comparison


def typed_prompts(project: Project, texts: Sequence[str]) -> list[Prompt]:
    """Prompts of somebody's own typing, found again as a set of their own."""
    rows = [PromptRow(messages=[{"role": "user", "content": text}], prompt_set=TYPED) for text in texts]
    return get_or_create_prompts(project, rows)


def _check(project: Project, checkpoints: Sequence[Checkpoint], scorers: Sequence[Checkpoint]) -> None:
    count = len({checkpoint.pk for checkpoint in checkpoints})
    if count != len(checkpoints):
        raise Refused("A checkpoint was chosen twice; choose different ones.", code="same_checkpoint")
    if not FEWEST <= count <= MOST:
        raise Refused(f"Choose two to four checkpoints; {count} are chosen.", code="checkpoints")
    for checkpoint in checkpoints:
        if checkpoint.source is None:
            raise Refused(f"{checkpoint.name} gives no answers: it is a reward model.", code="no_policy")
    for scorer in scorers:
        if scorer.kind != Checkpoint.Kind.REWARD:
            raise Refused(f"{scorer.name} is not a reward model, so it has no scores to give.", code="no_reward_model")
    if any(checkpoint.project_id != project.pk for checkpoint in [*checkpoints, *scorers]):
        raise Refused("Every checkpoint must belong to this project.", code="other_project")


def gather() -> int:
    """Settle every comparison whose generation has ended. Returns how many moved. Safe to call at any time."""
    requests = GenerationRequest.objects.filter(entry__comparison=OuterRef("pk"))
    ended = Comparison.objects.filter(
        Exists(requests.filter(state__in=FAILED)) | ~Exists(requests.filter(state__in=AT_WORK)),
        state=Comparison.State.GENERATING,
    )
    return sum(settle(pk) for pk in ended.values_list("pk", flat=True))


@transaction.atomic
def settle(comparison_id: int) -> bool:
    """GENERATING to READY, with its items and score requests, or to FAILED with the reason, if the requests say so.

    Does nothing otherwise; two callers at once make the items once.
    """
    comparison = (
        Comparison.objects.select_for_update().filter(pk=comparison_id, state=Comparison.State.GENERATING).first()
    )
    if comparison is None:
        return False
    entries = list(comparison.entries.select_related("request", "checkpoint"))
    failed = [entry for entry in entries if entry.request is None or entry.request.state in FAILED]
    if failed:
        comparison.state = Comparison.State.FAILED
        comparison.error = "\n".join(_reason(entry) for entry in failed)
    elif all(entry.request.state == GenerationRequest.State.DONE for entry in entries):
        completions = _put_to_vote(comparison, entries)
        for scorer in comparison.scorers.all():
            request_scores(checkpoint=scorer, completions=completions)
        comparison.state, comparison.ready_at, comparison.error = Comparison.State.READY, timezone.now(), ""
    else:
        return False
    comparison.save(update_fields=["state", "error", "ready_at"])
    return True


def _reason(entry: Entry) -> str:
    if entry.request is None:
        return f"{entry.checkpoint.name}: its request is gone."
    if entry.request.state == GenerationRequest.State.CANCELLED:
        return f"{entry.checkpoint.name}: its generation was cancelled."
    return f"{entry.checkpoint.name}: {entry.request.error or 'the worker gave no reason; its log has more.'}"


def _put_to_vote(comparison: Comparison, entries: Sequence[Entry]) -> list:
    """Items for every pair of checkpoints and prompt. Which is first, and the order of items, are shuffled.

    Two answers with the same text are no item: there is nothing to vote on. Returns the completions.
    """
    order = random.Random(f"{comparison.project.split_salt}:{comparison.pk}")
    by_prompt: dict[int, list] = {}
    rows = GenerationRow.objects.filter(request__in=[entry.request_id for entry in entries], completion__isnull=False)
    for row in rows.select_related("completion", "prompt").order_by("prompt_id", "request__entry__index"):
        by_prompt.setdefault(row.prompt_id, []).append(row)
    pairs = []
    for answers in by_prompt.values():
        for one, other in combinations(answers, 2):
            if one.completion.digest != other.completion.digest:
                pair = [one.completion, other.completion]
                order.shuffle(pair)
                pairs.append((one.prompt, pair))
    order.shuffle(pairs)
    create_items(comparison.project, rows=pairs, queue=comparison.queue, overlap=comparison.overlap)
    return [row.completion for answers in by_prompt.values() for row in answers]


@transaction.atomic
def retry(comparison: Comparison, *, by) -> None:
    """FAILED to GENERATING: what failed is asked again, answers that are there stay. Refused if nothing failed."""
    entries = list(comparison.entries.select_related("request", "checkpoint__source"))
    moved = Comparison.objects.filter(pk=comparison.pk, state=Comparison.State.FAILED).update(
        state=Comparison.State.GENERATING, error=""
    )
    if not moved:
        raise Refused("Nothing failed here, so there is nothing to try again.", code="not_failed", status=409)
    for entry in entries:
        if entry.request is not None and entry.request.state in FAILED:
            retry_generation(entry.request, by=by)


@transaction.atomic
def open_comparison(comparison: Comparison, *, by) -> Opening:
    """Let `by` see names, lengths and rewards beside the answers. From now on their votes here are not blind."""
    opening, new = Opening.objects.get_or_create(comparison=comparison, user=by)
    if new:
        record(comparison.project_id, by=by, action="comparison.open", target=comparison)
    return opening
