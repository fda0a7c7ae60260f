"""Runs the verifiers of a rubric trial: claimed once, resumable, a check that cannot be made says why."""

import logging

from django.utils import timezone

from annotation.chunks import chunked
from annotation.models import RubricScore, RubricTrial
from annotation.services.rubric_scores import Scored, record_scores
from annotation.services.rubric_trials import pairs_to_check
from training.engine import verifiers
from training.services import workers

logger = logging.getLogger(__name__)

State = RubricTrial.State
AT_ONCE = 50


class Gone(Exception):
    """Another worker has it."""


def fulfil(trial_id: int) -> None:
    """Check every pair of verifiable item and completion that has no score yet. Does nothing if it is not waiting."""
    name = workers.own_name()
    waiting = RubricTrial.objects.filter(pk=trial_id, state=State.QUEUED)
    if not waiting.update(state=State.RUNNING, worker=name, heartbeat_at=timezone.now(), error=""):
        return
    trial = RubricTrial.objects.get(pk=trial_id)
    with workers.busy(f"checks of rubric trial {trial.pk}"):
        try:
            _check(trial)
        except Gone:
            logger.info("trial %s is not ours any more", trial.pk)
        except Exception:
            _end(trial, State.FAILED, error="The site made a mistake while checking; the details are in its log.")
            raise
        else:
            _end(trial, State.DONE)


def _check(trial: RubricTrial) -> None:
    pairs = list(pairs_to_check(trial))
    done = set(
        RubricScore.objects.filter(rater=None, completion__in={completion.pk for _, completion in pairs})
        .exclude(score=None)
        .values_list("item", "completion")
    )
    left = [(item, completion) for item, completion in pairs if (item.pk, completion.pk) not in done]
    made = len(pairs) - len(left)
    for chunk in chunked(left, AT_ONCE):
        record_scores([_scored(item, completion) for item, completion in chunk], rater=None)
        made += len(chunk)
        held = RubricTrial.objects.filter(pk=trial.pk, state=State.RUNNING, worker=trial.worker)
        if not held.update(done=made, heartbeat_at=timezone.now()):
            raise Gone


def _scored(item, completion) -> Scored:
    """A check that raises gives no score: trouble is never a zero."""
    try:
        value = verifiers.by_name()[item.verifier].check(completion.text, completion.prompt.reference, **item.options)
    except KeyError:
        return Scored(item.pk, completion.pk, None, error=f"There is no verifier “{item.verifier}” here any more.")
    except Exception as error:
        return Scored(item.pk, completion.pk, None, error=str(error)[:500] or type(error).__name__)
    return Scored(item.pk, completion.pk, float(value), confidence=1.0)


def _end(trial: RubricTrial, state: str, *, error: str = "") -> None:
    held = RubricTrial.objects.filter(pk=trial.pk, state=State.RUNNING, worker=trial.worker)
    held.update(state=state, error=error, finished_at=timezone.now())
