"""A reward model on real human choices: `python -m benchmarks.real_data`

Five folds by prompt of HH-RLHF's harmless pairs and of MT-Bench's human votes, read with the program's own importers
from the folder that PLUMBLINE_REAL_DATA names (../shared/data). The tiny model has never seen such text: the figures
say what a million parameters learn from a thousand choices, beside what trivial rules reach on the same rows. Writes
docs/figures/real-data.json and .md.
"""

import argparse
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from annotation.importers import FORMATS
from annotation.importers.bundle import Bundle
from annotation.importers.records import Record
from annotation.snapshot_format import preference_row, split_key
from benchmarks.bag_of_words import bag_of_words
from benchmarks.intervals import t_interval
from training import by_hand
from training.catalogue import method

ROOT = Path(__file__).resolve().parent.parent
TINY, FIGURES = ROOT / "training" / "tiny" / "model", ROOT / "docs" / "figures"
COMMAND = "python -m benchmarks.real_data"
FOLDS = 5
TRAINING = {
    "learning_rate": 1e-3,
    "lr_scheduler_type": "cosine",
    "per_device_train_batch_size": 16,
    "max_length": 512,
    "truncation": "truncate",
    "eval_rows": 0,
    "save_steps": 0,
    "sample_prompts": 0,
    "threads": 1,
    "device": "cpu",
}
SETS = {
    "hh_harmless": {"format": "hh_rlhf", "title": "HH-RLHF, harmless", "epochs": 2.0},
    "mt_bench_human": {"format": "mt_bench", "title": "MT-Bench, human votes", "epochs": 1.0},
}
# What the provenance of the data gives for whole splits, to stand beside what is measured here.
GIVEN = {"hh_harmless": "longer .445, bag of words .611", "mt_bench_human": "longer .692, bag of words .697"}


def records(folder: Path, form: str) -> Iterator[Record]:
    """Decided human choices; verdicts of AI judges and ties are left aside."""
    for _place, found in FORMATS[form].read(Bundle(folder)):
        if isinstance(found, Record) and found.verdict and found.verdict.strength and found.verdict.kind != "judge":
            yield found


def sides(record: Record) -> tuple[str, str]:
    """Chosen and rejected."""
    first, second = record.answers
    return (first.text, second.text) if record.verdict.strength > 0 else (second.text, first.text)


def fold_of(record: Record) -> int:
    """By the first user turn, so that no prompt stands on both sides."""
    return int(hashlib.sha256(split_key(record.messages).encode()).hexdigest(), 16) % FOLDS


def splits(rows: list[Record], fold: int) -> dict[str, list[dict]]:
    """The fold for validation, the others for training."""
    made: dict[str, list[dict]] = {"train": [], "validation": []}
    for row in rows:
        split = "validation" if fold_of(row) == fold else "train"
        made[split].append(preference_row(row.messages, *sides(row), margin=0.0))
    return made


def longer_wins(rows: list[Record]) -> float:
    """The share in which the longer answer was chosen; equal lengths count half."""
    lengths = [(len(chosen), len(rejected)) for chosen, rejected in map(sides, rows)]
    return sum(0.5 if a == b else float(a > b) for a, b in lengths) / len(lengths)


def reward_model(rows: list[Record], fold: int, work: Path, *, epochs: float) -> float:
    """Held-out accuracy of a reward model trained on the other folds."""
    data = by_hand.write_folder(
        work / f"data-{fold}", name=f"fold {fold}", form="preference", splits=splits(rows, fold)
    )
    preset = method("reward_bt")["presets"]["tiny"]
    final = by_hand.train(
        work / f"fold-{fold}",
        method="reward_bt",
        data=data,
        model=TINY,
        settings=preset["settings"],
        training=preset["training"] | TRAINING | {"num_train_epochs": epochs},
        seed=fold,
    )
    return json.loads((final / "meta.json").read_text())["metrics"]["eval_accuracy"]


def measure(name: str, folder: Path, work: Path) -> dict:
    facts = SETS[name]
    rows = list(records(folder / name, facts["format"]))
    folds, words = [], []
    for fold in range(FOLDS):
        words.append(bag_of_words([(sides(row), fold_of(row) == fold) for row in rows]))
        folds.append(reward_model(rows, fold, work, epochs=facts["epochs"]))
        print(f"{name} fold {fold}: reward model {folds[-1]:.3f}, bag of words {words[-1]:.3f}", flush=True)
    return {
        "title": facts["title"],
        "rows": len(rows),
        "longer": longer_wins(rows),
        "given": GIVEN[name],
        "reward_model": dict(zip(("mean", "low", "high"), t_interval(folds), strict=True)),
        "bag_of_words": dict(zip(("mean", "low", "high"), t_interval(words), strict=True)),
        "folds": folds,
    }


PAGE = """\
# On real human choices

`{command}` writes this page and `real-data.json`. A reward model on the tiny model, in five folds by
prompt, with the 95 % interval of Student's t over the folds; beside it, on the same rows and folds, a linear model on
the difference of word counts and the rule "the longer answer wins". The tiny model was made for an allotment and has
never seen such text: the figures say what a million parameters learn from so many choices, no more.

| data | choices | reward model | bag of words | longer wins | baselines given with the data |
| --- | --- | --- | --- | --- | --- |
{rows}

{words}
"""


def page(found: dict[str, dict]) -> str:
    def cell(figure: dict) -> str:
        return f"{figure['mean']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"

    rows = [
        f"| {row['title']} | {row['rows']:,} | {cell(row['reward_model'])} | {cell(row['bag_of_words'])} "
        f"| {row['longer']:.3f} | {row['given']} |"
        for row in found.values()
    ]
    return PAGE.format(command=COMMAND, rows="\n".join(rows), words="\n".join(map(verdict, found.values())))


def verdict(row: dict) -> str:
    """What the interval says, in one line."""
    low, high = row["reward_model"]["low"], row["reward_model"]["high"]
    chance = "better than chance" if low > 0.5 else "not told from chance"
    rule = row["longer"]
    length = "above" if low > rule else "below" if high < rule else "not told from"
    return f"- {row['title']}: {chance}; {length} the longer-wins rule."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", help=f"any of {', '.join(SETS)}; both unless said")
    parser.add_argument("--to", type=Path, default=FIGURES)
    chosen = parser.parse_args()
    folder = Path(os.environ.get("PLUMBLINE_REAL_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        parser.exit(2, f"There is no folder {folder}. Name it: PLUMBLINE_REAL_DATA=/path/to/data {COMMAND}\n")
    found = {}
    for name in chosen.sets or SETS:
        with tempfile.TemporaryDirectory() as work:
            found[name] = measure(name, folder, Path(work))
    chosen.to.mkdir(parents=True, exist_ok=True)
    (chosen.to / "real-data.json").write_text(json.dumps({"command": COMMAND, "sets": found}, indent=1) + "\n")
    (chosen.to / "real-data.md").write_text(page(found))
    print(page(found))


if __name__ == "__main__":
    main()
