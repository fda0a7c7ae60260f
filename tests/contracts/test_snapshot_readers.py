"""Every format of a frozen snapshot, read back by those who train on it: the engine, `datasets`, TRL's own trainers."""

import json
from pathlib import Path

import pytest

from annotation.models import Snapshot
from annotation.services.imports import import_path
from annotation.services.snapshots import create_snapshot, freeze
from annotation.snapshot_format import SPLITS
from tests import need
from tests.engine import tiny
from tests.factories import make_judgment, make_pair_item, make_prompt, make_rater
from training.engine import records

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]
OF_PAIRS = [format for format in Snapshot.Format.values if format not in ("stepwise_supervision", "rated")]
AWKWARD = ["line\u2028separator", 'tab\tand "quotes"', "naïve 中文 🍎", " leading space", "<b>markup</b>", "a\r\nb"]


@pytest.fixture
def freeze_as(project, bob, rita, home):
    """`freeze_as(format)` freezes twenty-four judged pairs, awkward texts among them."""
    (home / "snapshots").mkdir()
    project.split_salt = "0" * 32
    project.save()
    rater = make_rater(project, bob)
    for n in range(24):
        text = AWKWARD[n % len(AWKWARD)]
        prompt = make_prompt(project, f"{text} {n}?", reference=str(n) if n % 2 else "")
        item = make_pair_item(project, f"good {text} {n}", f"bad {text} {n}", prompt=prompt)
        make_judgment(item, rater=rater, strength=0 if n % 8 == 7 else 1 + n % 4, scale=8)

    def frozen(format: str, **options) -> Snapshot:
        snapshot = create_snapshot(project, by=rita, name=f"{format} {options}", format=format, **options)
        freeze(snapshot.pk)
        snapshot.refresh_from_db()
        assert snapshot.state == "frozen", snapshot.error
        return snapshot

    return frozen


@pytest.mark.parametrize("format", records.COLUMNS)
def test_the_engine_reads_what_was_frozen(freeze_as, format):
    snapshot = freeze_as(format)
    assert records.digest(Path(snapshot.path)) == snapshot.sha256
    read = {split: records.read_rows(snapshot.path, split, format) for split in SPLITS}
    assert {split: len(rows) for split, rows in read.items()} == snapshot.split_counts
    if format != "prompt_only":
        assert len(records.read_rows(snapshot.path, "train", "prompt_only")) > 0


def loaded(snapshot: Snapshot, kind: str, folder: Path):
    import datasets

    files = {split: f"{snapshot.path}/{split}.{kind}" for split in SPLITS if snapshot.split_counts[split]}
    return datasets.load_dataset("json" if kind == "jsonl" else kind, data_files=files, cache_dir=str(folder))


@pytest.mark.peer
@pytest.mark.parametrize("format", OF_PAIRS)
def test_datasets_reads_the_same_from_both_kinds_of_file(freeze_as, format, tmp_path, monkeypatch):
    need.peer("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    policy = {"ties": "half"} if format == "preference" else {}
    snapshot = freeze_as(format, policy=policy)
    lines, columns = (loaded(snapshot, kind, tmp_path / kind) for kind in ("jsonl", "parquet"))
    for split in lines:
        assert lines[split].to_list() == columns[split].to_list()
        text = (Path(snapshot.path) / f"{split}.jsonl").read_text()
        assert lines[split].to_list() == [json.loads(line) for line in text.split("\n") if line]
    assert ("weight" in lines["train"].column_names) == bool(policy)


def trainer_of(format: str, dataset, folder: Path, models: Path):
    """TRL's trainer for the format; making it checks, templates and tokenizes the rows."""
    import transformers
    import trl

    tokenizer = transformers.AutoTokenizer.from_pretrained(models)
    common = {"output_dir": str(folder), "use_cpu": True, "bf16": False, "report_to": [], "max_steps": 1,
              "gradient_checkpointing": False, "per_device_train_batch_size": 4}  # fmt: skip
    given = {"train_dataset": dataset, "processing_class": tokenizer}
    policy = transformers.AutoModelForCausalLM.from_pretrained(models)
    if format == "preference":
        judge = transformers.AutoModelForSequenceClassification.from_pretrained(models, num_labels=1)
        judge.config.pad_token_id = tokenizer.pad_token_id
        return [trl.RewardTrainer(judge, trl.RewardConfig(**common), **given),
                trl.DPOTrainer(policy, args=trl.DPOConfig(**common), **given)]  # fmt: skip
    if format == "unpaired_preference":
        return [trl.KTOTrainer(policy, args=trl.KTOConfig(**common), **given)]
    return [trl.SFTTrainer(policy, trl.SFTConfig(**common, completion_only_loss=True), **given)]


@pytest.mark.peer
@pytest.mark.parametrize("format", ["preference", "unpaired_preference", "prompt_completion"])
def test_trls_trainers_take_the_rows_as_they_are(freeze_as, format, tmp_path, monkeypatch):
    need.peer("trl")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    from trl.data_utils import is_conversational

    snapshot = freeze_as(format)
    dataset = loaded(snapshot, "parquet", tmp_path / "cache")["train"]
    assert is_conversational(dataset[0])
    models = tiny.model_folder(tmp_path / "tiny")
    for trainer in trainer_of(format, dataset, tmp_path / "out", models):
        assert len(trainer.train_dataset) == snapshot.split_counts["train"]
        batch = trainer.data_collator([trainer.train_dataset[n] for n in range(4)])
        assert all(tensor.shape[0] > 0 for tensor in batch.values() if hasattr(tensor, "shape"))
        if "Reward" in type(trainer).__name__:
            assert batch["margin"].tolist() == pytest.approx(dataset["margin"][:4])


@pytest.mark.parametrize(
    ("format", "importer", "kind"),
    [
        ("preference", "trl_preference", "jsonl"),
        ("preference", "trl_preference", "parquet"),
        ("unpaired_preference", "trl_unpaired", "jsonl"),
        ("prompt_completion", "demonstrations", "parquet"),
        ("prompt_only", "prompts", "jsonl"),
    ],
)
def test_what_was_frozen_can_be_imported_and_frozen_again_to_the_same_rows(
    freeze_as, rita, tmp_path, format, importer, kind
):
    """Out and in again is the identity on rows. Imported rows are of other prompts' splits only by another salt."""
    from tests.factories import make_project

    first = freeze_as(format)
    folder = tmp_path / "again"
    folder.mkdir()
    for split in SPLITS:
        (folder / f"{split}.{kind}").write_bytes((Path(first.path) / f"{split}.{kind}").read_bytes())
    other = make_project(split_salt="0" * 32)
    job = import_path(other, by=rita, format=importer, name="again", path=folder)
    assert (job.state, job.error_count) == ("published", 0), job.errors
    second = create_snapshot(other, by=rita, name="again", format=format)
    freeze(second.pk)
    second.refresh_from_db()
    assert second.sha256 == first.sha256
