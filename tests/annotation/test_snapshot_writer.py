"""The writer sorts, hashes, merges and stays flat; Parquet holds what the JSONL holds."""

import json
import random
import tracemalloc

import pyarrow.parquet as pq
import pytest

from annotation import snapshot_format as form
from annotation.snapshot_writer import SnapshotWriter, read_rows, write_parquet


def row(n: int) -> dict:
    return form.preference_row([form.turn("user", f"ask {n}")], f"good {n}\u2028", f"bad\t{n}", margin=n / 2)


def write(folder, numbers, **options) -> dict:
    folder.mkdir()
    writer = SnapshotWriter(folder, **options)
    for n in numbers:
        writer.add("train", row(n), {"judgments": [[n, 1]], "prompt": n})
    return writer.finish()


def test_rows_are_sorted_hashed_and_traced(tmp_path):
    files = write(tmp_path / "a", [3, 1, 2])
    lines = (tmp_path / "a/train.jsonl").read_bytes().splitlines()
    assert lines == sorted(lines)
    assert files["train"]["rows"] == 3
    assert files["train"]["sha256"] == form.file_sha256(tmp_path / "a/train.jsonl")
    assert files["test"] == {"rows": 0, "bytes": 0, "sha256": form.file_sha256(tmp_path / "a/test.jsonl")}
    traced = list(read_rows(tmp_path / "a/lineage.jsonl"))
    for place, said in enumerate(traced):
        assert said["row"] == f"train:{place}"
        assert json.loads(lines[place]) == row(said["prompt"])


def test_any_order_and_any_memory_give_the_same_bytes(tmp_path):
    numbers = list(range(700))
    files = write(tmp_path / "a", numbers)
    random.Random(1).shuffle(numbers)
    assert write(tmp_path / "b", numbers, run_bytes=300) == files  # 350 runs: merged in two passes
    assert (tmp_path / "a/lineage.jsonl").read_bytes() == (tmp_path / "b/lineage.jsonl").read_bytes()
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == [
        "lineage.jsonl", "test.jsonl", "train.jsonl", "validation.jsonl",
    ]  # fmt: skip


@pytest.mark.parametrize(("unique", "rows"), [(False, 4), (True, 2)])
def test_equal_rows_are_kept_or_merged_with_their_lineage(tmp_path, unique, rows):
    (tmp_path / "a").mkdir()
    writer = SnapshotWriter(tmp_path / "a", unique=unique)
    for judgment, n in ((9, 1), (7, 1), (8, 1), (5, 2)):
        writer.add("train", row(n), {"judgments": [[judgment, 1]], "prompt": n})
    assert writer.finish()["train"]["rows"] == rows
    assert writer.repeats == 2
    traced = [said["judgments"] for said in read_rows(tmp_path / "a/lineage.jsonl")]
    assert traced == ([[[7, 1], [8, 1], [9, 1]], [[5, 1]]] if unique else [[[7, 1]], [[8, 1]], [[9, 1]], [[5, 1]]])


def test_memory_stays_flat(tmp_path):
    def peak(name: str, count: int) -> int:
        tracemalloc.start()
        write(tmp_path / name, range(count), run_bytes=100_000)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak("warm", 100)
    assert peak("large", 12_000) < 2 * peak("small", 1_500)


def test_parquet_equals_the_jsonl(tmp_path):
    write(tmp_path / "a", range(2_500))
    write_parquet(tmp_path / "a", list(form.COLUMNS["preference"]))
    assert pq.read_table(tmp_path / "a/train.parquet").to_pylist() == list(read_rows(tmp_path / "a/train.jsonl"))
    assert pq.read_table(tmp_path / "a/test.parquet").num_rows == 0


def test_verify_finds_a_changed_file(tmp_path):
    files = write(tmp_path / "a", [1, 2])
    told = form.manifest(name="n", format="preference", policy={}, filters={}, files=files)
    (tmp_path / "a/manifest.json").write_text(json.dumps(told))
    assert form.verify(tmp_path / "a") == []
    (tmp_path / "a/train.jsonl").write_text("{}\n")
    assert form.verify(tmp_path / "a") == ["train.jsonl is not the file that was frozen"]
