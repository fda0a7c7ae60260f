"""Scores by a rubric in every format that they can become, read back by the engine and by TRL's own trainers."""

from pathlib import Path

import pytest

from annotation.models import Item, Rater, RubricVersion, Snapshot
from annotation.services.judgments import Given, record_judgments
from annotation.services.rubric_tasks import ask_people
from annotation.services.snapshots import create_snapshot, freeze
from tests import need
from tests.contracts.test_chat_snapshots import AWKWARD, rows_of
from tests.contracts.test_snapshot_readers import loaded, trainer_of
from tests.engine import tiny
from tests.factories import make_completion, make_prompt, make_rubric
from training.engine import records

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]
ROWS = {  # of sixteen prompts with three answers each, of which the last two tie
    "preference": 32,
    "ranked": 16,
    "rated": 48,
    "unpaired_preference": 48,
    "prompt_completion": 16,
    "stepwise_supervision": 0,
}


@pytest.fixture
def version(project) -> RubricVersion:
    return make_rubric(project, {"name": "", "items": [{"text": "True"}, {"text": "Kind"}]}, name="House")


@pytest.fixture
def freeze_as(project, version, rita, home):
    """Sixteen prompts whose first answer is scored 1, the others less, frozen in a format with their rubric."""
    (home / "snapshots").mkdir(exist_ok=True)
    project.split_salt = "0" * 32
    project.save()
    completions = []
    for n in range(16):
        text = AWKWARD[n % 4]
        prompt = make_prompt(project, f"{text} {n}?")
        completions += [make_completion(prompt, f"{word} {text} {n}") for word in ("good", "fair", "poor")]
    task, _ = ask_people(project, by=rita, version=version, completions=completions)
    items = Item.objects.filter(queue=task.queue).order_by("pk")
    given = [Given(item=item, rater="ann", value=value_of(task), shown_order=(2, 0, 1)) for item in items]
    record_judgments(
        project, judgments=given, origin="label", rater_kind=Rater.Kind.PERSON, queue=task.queue, kind="rubric"
    )

    def frozen(format: str, **options) -> Snapshot:
        snapshot = create_snapshot(project, by=rita, name=f"{format} {options}", format=format, **options)
        freeze(snapshot.pk)
        snapshot.refresh_from_db()
        return snapshot

    return frozen


def value_of(task) -> dict:
    rubric = task.settings["rubric"]
    keys = [item["key"] for item in rubric["categories"][0]["items"]]
    sheets = [{key: {"score": score, "confidence": 0.5, "reason": ""} for key in keys} for score in (1.0, 0.25, 0.25)]
    return {"rubric": rubric["uid"], "version": 1, "weights": dict.fromkeys(keys, 0.5), "sheets": sheets}


@pytest.mark.parametrize("format", ROWS)
def test_the_engine_reads_what_was_frozen(freeze_as, version, format):
    snapshot = freeze_as(format, rubric=version)
    assert snapshot.row_count == ROWS[format], snapshot.error or snapshot.card
    if not ROWS[format]:
        return
    assert records.digest(Path(snapshot.path)) == snapshot.sha256
    assert len(rows_of(snapshot)) == ROWS[format]


def test_what_the_rows_say(freeze_as):
    for row in rows_of(freeze_as("preference")):
        assert row["chosen"][0]["content"].startswith("good")
        assert row["margin"] == 0.75
    ratings = {row["completion"][0]["content"][:4]: row["rating"] for row in rows_of(freeze_as("rated"))}
    assert ratings == {"good": 1.0, "fair": 0.25, "poor": 0.25}
    assert {tuple(row["ranks"]) for row in rows_of(freeze_as("ranked"))} == {(1, 2, 2)}
    thumbs = {row["completion"][0]["content"][:4]: row["label"] for row in rows_of(freeze_as("unpaired_preference"))}
    assert thumbs == {"good": True, "fair": False, "poor": False}


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
