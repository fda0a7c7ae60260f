"""What a worker does with a job: asks what comes next, keeps each answer as it comes, ends rows, beats."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from annotation.judging.asking import Ask, Ended, Reply, Speaker, SpeakerFailed
from annotation.judging.inverse import RuleAnnotator
from annotation.judging.rules import Rule
from annotation.models import FeedbackJob, FeedbackRow, Source
from annotation.services.feedback import comparing, critiquing, debating, deliberating, inverting, scoring
from annotation.services.feedback.kinds import Bound, Kind

logger = logging.getLogger(__name__)

State = FeedbackJob.State
AT_ONCE, BY_RULE_AT_ONCE = 64, 1000  # rows; what a killed worker loses at most is the answers that are on their way
BEAT_SECONDS = 2.0
SITE_FAULT = "The site made a mistake. What was answered is kept; the details are in its log."
KINDS: dict[str, Kind] = {
    "compare": comparing,
    "critique": critiquing,
    "deliberation": deliberating,
    "debate": debating,
    "inverse": inverting,
    "rubric": scoring,
}
JUDGED = ("compare", "rubric")  # kinds that only a judge answers
SpeakerOf = Callable[[Source, dict], Speaker]


class Gone(Exception):
    """The job was cancelled, or another worker has it."""


def run(job_id: int, *, speaker_of: SpeakerOf, clock: Callable[[], float] = time.monotonic) -> None:
    """Queued to done, failed, or nothing if it does not wait. `speaker_of(source, sampling)` finds who answers."""
    attempt = uuid4().hex
    claimed = FeedbackJob.objects.filter(pk=job_id, state=State.QUEUED).update(
        state=State.RUNNING, worker=attempt, heartbeat_at=timezone.now(), error=""
    )
    if not claimed:
        return
    related = (
        "project",
        "writer",
        "judge__judge",
        "judge__source",
        "judge__rater",
        "judge__constitution",
        "constitution",
    )
    job = FeedbackJob.objects.select_related(*related).get(pk=job_id)
    work = _Work(job, speaker_of, clock)
    try:
        work.all_of_it()
    except Gone:
        logger.info("feedback job %s is not ours any more", job.pk)
    except SpeakerFailed as failed:
        work.end(State.FAILED, str(failed))
    except Exception:
        work.end(State.FAILED, SITE_FAULT)
        raise
    else:
        work.end(State.DONE)


class _Work:
    """One attempt at one job."""

    def __init__(self, job: FeedbackJob, speaker_of: SpeakerOf, clock: Callable[[], float]):
        self.job, self.speaker_of, self.clock = job, speaker_of, clock
        self.kind = KINDS[job.kind]
        self.speakers: dict[str, Speaker] = {}
        self.beaten = clock()

    def all_of_it(self) -> None:
        again = True
        while again:
            while rows := list(self._waiting()):
                self._batch(rows)
            again = self.kind.finish(self.job)

    def _waiting(self):
        judge = self.job.judge
        by_rule = bool(judge and judge.rule) if self.job.kind in JUDGED else self.job.writer is None
        size = BY_RULE_AT_ONCE if by_rule else AT_ONCE
        return self.job.rows.filter(state=FeedbackRow.State.WAITING).order_by("number")[:size]

    def _batch(self, rows: Sequence[FeedbackRow]) -> None:
        """Until every one of these rows has ended."""
        bound = self.kind.bind(self.job, rows)
        left = {row.pk: row for row in rows}
        while left:
            asks: dict[str, dict[int, Ask]] = defaultdict(dict)
            ended = []
            for row in left.values():
                said = bound[row.pk].next(row.steps)
                if isinstance(said, Ended):
                    ended.append(_ended(row, said))
                else:
                    asks[said.who][row.pk] = said
            self._end_rows(ended)
            for row in ended:
                del left[row.pk]
            for who, questions in asks.items():
                self._ask(who, questions, left, bound)

    def _ask(self, who: str, questions: dict[int, Ask], rows: dict[int, FeedbackRow], bound: dict[int, Bound]) -> None:
        open_ = set(questions)
        for answers in self._speaker(who).answers(questions):
            answered = []
            for key, reply in answers:
                row = rows[key]
                row.steps = [*row.steps, bound[key].step(row.steps, reply)]
                answered.append(row)
                open_.discard(key)
            if answered or self.clock() - self.beaten > BEAT_SECONDS:
                self._keep(answered)
        if open_:  # a speaker that forgets somebody would be asked for ever
            unsaid = Reply(refused="No answer came back.")
            for key in open_:
                rows[key].steps = [*rows[key].steps, bound[key].step(rows[key].steps, unsaid)]
            self._keep([rows[key] for key in open_])

    def _speaker(self, who: str) -> Speaker:
        if who not in self.speakers:
            self.speakers[who] = self._found(who)
        return self.speakers[who]

    def _found(self, who: str) -> Speaker:
        judge, job = self.job.judge, self.job
        if who == "judge" and judge is not None:
            if judge.rule:
                return Rule(judge.rule, judge.options)
            sampling = {"temperature": 0.0, "max_new_tokens": judge.options.get("max_new_tokens", 400), "seed": 0}
            return self.speaker_of(judge.source, sampling)
        if job.writer is None:
            return RuleAnnotator()
        asked = {key: job.options[key] for key in ("temperature", "max_new_tokens", "seed") if key in job.options}
        return self.speaker_of(job.writer, {"temperature": 1.0, "max_new_tokens": 400, "seed": 0} | asked)

    @transaction.atomic
    def _keep(self, rows: Sequence[FeedbackRow]) -> None:
        self._hold()
        FeedbackRow.objects.bulk_update(rows, ["steps"], batch_size=200)

    @transaction.atomic
    def _end_rows(self, rows: Sequence[FeedbackRow]) -> None:
        if not rows:
            return
        self._hold()
        FeedbackRow.objects.bulk_update(rows, ["state", "value", "result", "ended_at"], batch_size=200)
        self.kind.settle(self.job, rows)
        waiting = self.job.rows.filter(state=FeedbackRow.State.WAITING).count()
        FeedbackJob.objects.filter(pk=self.job.pk).update(done=self.job.rows.count() - waiting)

    def _hold(self) -> None:
        """Beat; raise Gone if the job was taken away meanwhile. Locks its row, so that a cancel waits for us."""
        held = self._held().select_for_update()
        if not held.exists():
            raise Gone
        self.beaten = self.clock()
        held.update(heartbeat_at=timezone.now())

    def _held(self):
        return FeedbackJob.objects.filter(pk=self.job.pk, state=State.RUNNING, worker=self.job.worker)

    def end(self, state: str, error: str = "") -> None:
        self._held().update(state=state, error=error, finished_at=timezone.now())


def _ended(row: FeedbackRow, said: Ended) -> FeedbackRow:
    row.state, row.value, row.result, row.ended_at = said.state, said.value, said.result, timezone.now()
    return row
