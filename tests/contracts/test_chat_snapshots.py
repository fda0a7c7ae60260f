"""Talks in every format that they can become, read back by the engine and by TRL's own trainers."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from annotation.models import Snapshot
from annotation.services import generation
from annotation.services.labelling import submit
from annotation.services.sittings import end_sitting
from annotation.services.snapshots import create_snapshot, freeze
from annotation.snapshot_format import SPLITS
from tests import need
from tests.annotation.talking import Talker, chat_item, chat_task
from tests.contracts.test_snapshot_readers import loaded, trainer_of
from tests.engine import tiny
from training.engine import records

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]
AWKWARD = ["line\u2028separator", 'tab\tand "quotes"', "naïve 中文 🍎", "<b>markup</b>"]
ROWS = {  # of eight talks of two turns, rated 1 to 5 and on
    "preference": 16,
    "ranked": 16,
    "rated": 8,
    "unpaired_preference": 6,
    "prompt_completion": 2,
    "stepwise_supervision": 0,
}


@pytest.fixture
def freeze_as(project, bob, rita, home, endpoint_server, monkeypatch):
    """Eight talks with two models, frozen in a format."""
    monkeypatch.setattr(generation, "enqueue", lambda name, **ids: None)
    (home / "snapshots").mkdir(exist_ok=True)
    task = chat_task(project, endpoint_server, ("steady", "seed"))
    for number in range(8):
        chat_item(task, f"topic {number}", "Be brief.")
    for number in range(8):
        talker = Talker(task, bob)
        talker.turn(f"{AWKWARD[number % 4]} {number}", 1 + number % 8)
        talker.turn(f"and {number}?", 8 - number % 8)
        payload = {"outcome": "answer", "rating": 1 + number % 5}
        submit(project, by=bob, token=talker.lease.token, submission=uuid4(), payload=payload)
    end_sitting(project, by=bob, queue=task.queue)

    def frozen(format: str) -> Snapshot:
        snapshot = create_snapshot(project, by=rita, name=format, format=format)
        freeze(snapshot.pk)
        snapshot.refresh_from_db()
        return snapshot

    return frozen


def rows_of(snapshot: Snapshot) -> list[dict]:
    """As the engine reads them; formats that no method of it takes yet, as they lie in the files."""
    if snapshot.format in records.COLUMNS:
        return [row for split in SPLITS for row in records.read_rows(snapshot.path, split, snapshot.format)]
    files = [(Path(snapshot.path) / f"{split}.jsonl").read_text() for split in SPLITS]
    return [json.loads(line) for text in files for line in text.split("\n") if line]


@pytest.mark.parametrize("format", ROWS)
def test_the_engine_reads_what_was_frozen(freeze_as, format):
    snapshot = freeze_as(format)
    assert snapshot.row_count == ROWS[format], snapshot.error or snapshot.card
    if not ROWS[format]:
        return
    assert records.digest(Path(snapshot.path)) == snapshot.sha256
    read = rows_of(snapshot)
    assert len(read) == ROWS[format]
    assert all(row["prompt"][0] == {"role": "system", "content": "Be brief."} for row in read)


def test_a_preference_carries_the_talk_so_far(freeze_as):
    snapshot = freeze_as("preference")
    later = [row for row in rows_of(snapshot) if len(row["prompt"]) == 4]
    assert len(later) == 8
    for row in later:
        roles = [turn["role"] for turn in row["prompt"]]
        assert roles == ["system", "user", "assistant", "user"]
        texts = {row["chosen"][0]["content"], row["rejected"][0]["content"]}
        asked = row["prompt"][-1]["content"]
        assert texts == {f"You said: {asked}", f"Seeded: {asked}"}
        assert row["margin"] in (0.1, 0.5, 1.0, 1.5)


@pytest.mark.peer
@pytest.mark.parametrize("format", ["preference", "unpaired_preference", "prompt_completion"])
def test_trls_trainers_take_the_rows_as_they_are(freeze_as, format, tmp_path, monkeypatch):
    need.peer("trl")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    snapshot = freeze_as(format)
    data = loaded(snapshot, "parquet", tmp_path / "cache")
    split = max(data, key=lambda name: len(data[name]))
    models = tiny.model_folder(tmp_path / "tiny")
    for trainer in trainer_of(format, data[split], tmp_path / "out", models):
        assert len(trainer.train_dataset) == len(data[split])
