"""Ingestion: whole lines only, exactly once, rewinds void what lies beyond, superseded attempts write nothing."""

import json
import math
import uuid

import pytest

from annotation.models import Source
from tests.factories import make_run
from tests.training.event_files import EventFile
from training import chunks
from training.models import Checkpoint, MetricChunk
from training.services import events
from training.services.attempts import Superseded

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(project, home):
    return make_run(project, state="starting", attempt_token=uuid.uuid4())


@pytest.fixture
def file(run):
    return EventFile(run)


def values(run, key):
    rows = MetricChunk.objects.filter(run=run, key=key).order_by("index")
    return chunks.join(chunks.unpack(row.points) for row in rows)


def take(run):
    while events.ingest(run.pk, token=run.attempt_token):
        pass
    run.refresh_from_db()


def test_a_run_that_started_and_logged_is_seen(run, file):
    file.started(total_steps=40)
    file.metrics(1, loss=0.5, num_tokens=128, memory_bytes=1000)
    file.metrics(2, loss=0.25, num_tokens=256, memory_bytes=900)
    take(run)
    assert (run.state, run.step, run.total_steps, run.tokens) == ("running", 2, 40, 256)
    assert run.latest["loss"] == 0.25
    assert run.peak_memory_bytes == 1000
    assert run.facts["device"] == "cpu"
    assert values(run, "loss").steps.tolist() == [1, 2]
    assert values(run, "loss").values.tolist() == [0.5, 0.25]


def test_half_a_line_waits_for_its_other_half(run, file):
    file.started()
    line = json.dumps({"seq": 1, "time": 1.0, "type": "metrics", "step": 1, "epoch": 0, "values": {"loss": 3}})
    file.raw(line[:30])
    take(run)
    assert run.event_seq == 0
    file.raw(line[30:] + "\n")
    take(run)
    assert (run.event_seq, values(run, "loss").values.tolist()) == (1, [3.0])


def test_reading_again_from_the_start_changes_nothing(run, file):
    file.started()
    file.metrics(1, loss=1.0)
    file.sample(1, rm=0.5)
    file.checkpoint(1)
    take(run)
    before = list(MetricChunk.objects.values("key", "count", "points"))
    run.event_offset = 0
    run.save()
    take(run)
    assert list(MetricChunk.objects.values("key", "count", "points")) == before
    assert (run.samples.count(), run.checkpoints.count()) == (1, 1)


def test_a_failure_in_the_middle_of_a_batch_leaves_nothing_behind(run, file):
    file.started()
    file.metrics(1, loss=1.0)
    file.raw("{this is not JSON}\n")
    with pytest.raises(json.JSONDecodeError):
        take(run)
    run.refresh_from_db()
    assert (run.event_seq, run.event_offset, MetricChunk.objects.count()) == (-1, 0, 0)


def test_an_attempt_that_lost_the_run_writes_nothing(run, file):
    file.started()
    with pytest.raises(Superseded):
        events.ingest(run.pk, token=uuid.uuid4())
    run.refresh_from_db()
    assert run.event_offset == 0


def test_a_rewind_voids_steps_past_the_checkpoint_and_they_come_again_once(run, file):
    file.started()
    for step in range(1, 6):
        file.metrics(step, loss=float(step), num_tokens=step * 10)
        file.sample(step)
        if step == 3:
            saved = file.checkpoint(3)
    take(run)
    file.started(resumed_from=3)
    file.write("rewound", step=3, to_seq=saved)
    take(run)
    assert (run.step, run.tokens, run.latest["loss"]) == (3, 30, 3.0)
    assert values(run, "loss").steps.tolist() == [1, 2, 3]
    assert sorted(run.samples.values_list("step", flat=True)) == [1, 2, 3]
    for step in (4, 5, 6):
        file.metrics(step, loss=step + 0.5)
    take(run)
    assert values(run, "loss").values.tolist() == [1, 2, 3, 4.5, 5.5, 6.5]
    assert run.rewound_seq > saved
    assert run.checkpoints.count() == 1


def test_a_rewind_across_chunks(run, file):
    file.started()
    for step in range(1, 1101):
        seq = file.metrics(step, loss=float(step))
        if step == 700:
            cut = seq
    take(run)
    assert MetricChunk.objects.filter(key="loss").count() == 3
    file.write("rewound", step=700, to_seq=cut)
    take(run)
    for step in range(701, 1101):
        file.metrics(step, loss=-float(step))
    take(run)
    loss = values(run, "loss")
    assert loss.steps.tolist() == list(range(1, 1101))
    assert loss.values[699] == 700.0
    assert loss.values[700] == -701.0


def test_steps_that_are_not_numbers_are_kept_as_such(run, file):
    file.started()
    file.metrics(1, loss="NaN", grad_norm="Infinity")
    take(run)
    assert math.isnan(values(run, "loss").values[0])
    assert values(run, "grad_norm").values.tolist() == [math.inf]
    assert run.latest == {"loss": "NaN", "grad_norm": "Infinity"}


def test_a_checkpoint_of_a_policy_signs_completions_and_a_reward_model_does_not(run, file):
    file.started()
    file.checkpoint(10)
    file.checkpoint(20, kind="reward", final=True)
    take(run)
    policy, reward = Checkpoint.objects.filter(run=run).order_by("step")
    assert policy.source.key == f"checkpoint:{policy.uid}"
    assert policy.path.endswith("checkpoints/step-000010")
    assert reward.source is None
    assert reward.final
    assert Source.objects.filter(key__startswith="checkpoint:").count() == 2  # that and the start


def test_the_last_word_is_kept_until_the_next_attempt_speaks(run, file):
    file.started()
    file.write("failed", kind="memory", message="Out of memory. Halve the batch.", problems=[])
    take(run)
    assert run.ending["kind"] == "memory"
    file.started()
    take(run)
    assert run.ending is None


def test_a_reply_with_a_nul_is_stored_with_a_mark_in_its_place(run, file):
    file.started()
    file.sample(1, completion="a\x00b")
    take(run)
    assert run.samples.get().completion == "a\N{REPLACEMENT CHARACTER}b"


def test_a_batch_costs_the_same_few_queries_however_many_metrics_it_holds(run, file, django_assert_max_num_queries):
    file.started()
    for step in range(1, 300):
        file.metrics(step, **{f"metric_{n}": float(step) for n in range(30)})
    with django_assert_max_num_queries(14):
        events.ingest(run.pk, token=run.attempt_token)
