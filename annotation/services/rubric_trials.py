"""Trying a rubric version on completions: a sample is drawn, verifiers run in a worker, people and judges follow."""

import random
from collections.abc import Sequence

from django.db import transaction

from alignment_site.celery import enqueue
from annotation.errors import Refused
from annotation.models import Completion, Prompt, RubricTrial, RubricVersion
from annotation.rubric_document import VERIFIABLE
from annotation.services.audit import record

State = RubricTrial.State
MOST_PROMPTS, MOST_ANSWERS = 50, 4


@transaction.atomic
def create_trial(
    version: RubricVersion,
    *,
    by,
    prompt_set: str = "",
    prompts: int = 8,
    answers: int = 2,
    seed: int | None = None,
    completions: Sequence[Completion] | None = None,
) -> RubricTrial:
    """A trial on these completions, or on up to `answers` of each of `prompts` prompts drawn by chance.

    Enqueues its checks. Raises Refused where no prompt of the set has a completion that the version's categories score.
    """
    if not 1 <= prompts <= MOST_PROMPTS or not 1 <= answers <= MOST_ANSWERS:
        raise Refused(f"Choose 1 to {MOST_PROMPTS} prompts and 1 to {MOST_ANSWERS} answers of each.", code="count")
    if completions is None:
        ids = _drawn(version, prompt_set, prompts, answers, random.Random(seed))
    else:
        ids = [completion.pk for completion in completions]
    if not ids:
        where = f"the set “{prompt_set}”" if prompt_set else "this project"
        raise Refused(
            f"No prompt of {where} has an answer that a category of this rubric scores. Import some with completions, "
            "or give the rubric a category for all others.",
            code="empty",
        )
    trial = RubricTrial.objects.create(version=version, prompt_set=prompt_set, created_by=by)
    trial.completions.set(ids)
    checks = _checks(trial)
    trial.total, trial.state = checks, State.QUEUED if checks else State.DONE
    trial.save(update_fields=["total", "state"])
    told = {"version": version.number, "answers": len(ids)}
    record(version.rubric.project_id, by=by, action="rubric.trial", target=version.rubric, after=told)
    if checks:
        wake(trial)
    return trial


def wake(trial: RubricTrial) -> None:
    enqueue("training.check_rubric", queue="sample", trial_id=trial.pk)


@transaction.atomic
def retry_trial(trial: RubricTrial) -> None:
    """A failed trial's checks are queued again; what was checked stays. Raises Refused if it has not failed."""
    failed = RubricTrial.objects.filter(pk=trial.pk, state=State.FAILED)
    if not failed.update(state=State.QUEUED, error="", worker="", heartbeat_at=None, finished_at=None):
        raise Refused("Only checks that failed can be tried again.", code="not_failed", status=409)
    wake(trial)


def _drawn(version: RubricVersion, prompt_set: str, prompts: int, answers: int, rng: random.Random) -> list[int]:
    names = {category.name for category in version.categories.all()}
    found = Prompt.objects.filter(project=version.rubric.project_id, published=True)
    if prompt_set:
        found = found.filter(prompt_set=prompt_set)
    if "" not in names:
        found = found.filter(category__in=names)
    ids = list(found.filter(completions__isnull=False).order_by("pk").values_list("pk", flat=True).distinct())
    chosen = rng.sample(ids, min(prompts, len(ids)))
    by_prompt: dict[int, list[int]] = {}
    written = Completion.objects.filter(prompt__in=chosen).order_by("pk")
    for pk, prompt in written.values_list("pk", "prompt"):
        by_prompt.setdefault(prompt, []).append(pk)
    return [
        pk for prompt in chosen for pk in sorted(rng.sample(by_prompt[prompt], min(answers, len(by_prompt[prompt]))))
    ]


def _checks(trial: RubricTrial) -> int:
    """How many pairs of verifiable item and completion there are."""
    return sum(1 for _ in pairs_to_check(trial))


def pairs_to_check(trial: RubricTrial):
    """(item, completion) for every verifiable item and every completion of its category."""
    version = RubricVersion.objects.prefetch_related("categories__items").get(pk=trial.version_id)
    by_name = {category.name: category for category in version.categories.all()}
    for completion in trial.completions.select_related("prompt").order_by("pk"):
        category = by_name.get(completion.prompt.category) or by_name.get("")
        for item in category.items.all() if category else ():
            if item.kind == VERIFIABLE and not item.retired:
                yield item, completion
