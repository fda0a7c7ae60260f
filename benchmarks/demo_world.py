"""Does training do what it says, where the truth is known? `python -m benchmarks.demo_world`

On the demo world, over five seeds (each with its own pairs, judges, order of rows and sampling): a reward model's
held-out accuracy, the gain in true quality of DPO and of GRPO on that reward model, and GRPO's rise in the verifier's
success rate. Everything goes through the engine with the `tiny` preset. Writes docs/figures/demo-world.json and .md.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from annotation.demo.corpus import Pair, pairs, prompts
from annotation.demo.truth import exact_answer, true_quality
from annotation.snapshot_format import prompt_row
from benchmarks.intervals import t_interval
from benchmarks.panel import preference_rows
from training import by_hand
from training.catalogue import method as catalogue_method

TINY = Path(__file__).resolve().parent.parent / "training" / "tiny" / "model"
FIGURES = Path(__file__).resolve().parent.parent / "docs" / "figures"
COMMAND = "python -m benchmarks.demo_world"
SEEDS = (1, 2, 3, 4, 5)
PAIRS, HELD_OUT_PAIRS, TEST_PROMPTS, CHECKABLE = 4000, 500, 300, 600
STEPS = {"reward_bt": 400, "dpo": 200, "grpo": 100, "grpo_exact": 200}
MARGIN = 0.02  # a pair whose true qualities lie closer has no better reply


class Seed:
    """One seed's data, runs and measurements, in a folder of its own."""

    def __init__(self, seed: int, work: Path, log):
        self.seed, self.work, self.log = seed, work, log
        self.seconds: dict[str, float] = {}

    def measure(self) -> dict[str, float]:
        """Every figure of this seed."""
        data = self._pairs()
        reward = self._train("reward_bt", "reward_bt", data)
        dpo = self._train("dpo", "dpo", data)
        by_reward = [{"name": "rm", "kind": "model", "path": str(reward.resolve()), "weight": 1.0}]
        grpo = self._train("grpo", "grpo", data, by_reward)
        by_verifier = [{"name": "exact", "kind": "verifier", "verifier": "gsm8k", "weight": 1.0}]
        exact = self._train("grpo_exact", "grpo", self._checkable(), by_verifier)
        start = self._quality("start", TINY)
        return {
            "reward_accuracy": self._accuracy(reward),
            "quality_start": statistics.mean(start),
            "quality_dpo": statistics.mean(self._quality("dpo", dpo)),
            "quality_grpo": statistics.mean(self._quality("grpo", grpo)),
            "exact_start": self._exact("start", TINY),
            "exact_grpo": self._exact("grpo_exact", exact),
        }

    def _pairs(self) -> dict:
        """Pairs that the demo's eight people judge, three a pair, the faulty ones too; validation by prompt."""
        drawn = {
            "train": islice(pairs(100 + self.seed, checkable=0.25, validation=False), PAIRS),
            "validation": islice(pairs(200 + self.seed, checkable=0.25, validation=True), 200),
        }
        splits = {split: preference_rows(rows, seed=self.seed) for split, rows in drawn.items()}
        return by_hand.write_folder(self.work / "pairs", name="pairs", form="preference", splits=splits)

    def _checkable(self) -> dict:
        drawn = islice(prompts(300 + self.seed, checkable=1, validation=False), CHECKABLE)
        rows = [prompt_row(by_hand.asked(row.prompt), row.reference) for row in drawn]
        return by_hand.write_folder(self.work / "sums", name="sums", form="prompt_only", splits={"train": rows})

    def _train(self, name: str, method: str, data: dict, rewards=()) -> Path:
        preset = catalogue_method(method)["presets"]["tiny"]
        watching = {"save_steps": 0, "sample_prompts": 0, "threads": 1, "device": "cpu"}
        began = time.monotonic()
        final = by_hand.train(
            self.work / name,
            method=method,
            data=data,
            model=TINY,
            settings=preset["settings"],
            training=preset["training"] | watching | {"max_steps": STEPS[name]},
            rewards=rewards,
            seed=self.seed,
        )
        self.seconds[name] = round(time.monotonic() - began, 1)
        self.log(f"seed {self.seed}: {name} in {self.seconds[name]} s")
        return final

    def _replies(self, name: str, model: Path, drawn) -> list[tuple[str, str]]:
        """What a model answers at temperature 1 to prompts that nothing was trained on."""
        asked = {str(at): row.prompt for at, row in enumerate(drawn)}
        sampling = {"temperature": 1.0, "max_new_tokens": 96, "seed": self.seed}
        texts = by_hand.generate(self.work / f"generate-{name}", model=model, prompts=asked, sampling=sampling)
        return [(asked[key], texts[key]) for key in asked]

    def _quality(self, name: str, model: Path) -> list[float]:
        drawn = islice(prompts(400 + self.seed, checkable=0.25, validation=True), TEST_PROMPTS)
        return [true_quality(*row) for row in self._replies(f"{name}-quality", model, drawn)]

    def _exact(self, name: str, model: Path) -> float:
        drawn = islice(prompts(500 + self.seed, checkable=1, validation=True), TEST_PROMPTS)
        return statistics.mean(bool(exact_answer(*row)) for row in self._replies(f"{name}-exact", model, drawn))

    def _accuracy(self, reward: Path) -> float:
        """How often the higher score stands with the truly better reply, on prompts held out from everything."""
        drawn = islice(pairs(600 + self.seed, checkable=0.25, validation=True), HELD_OUT_PAIRS)
        decided = [(pair, gap) for pair in drawn if abs(gap := _gap(pair)) > MARGIN]
        replies = {
            f"{at}-{side}": (pair.asked.prompt, text)
            for at, (pair, _) in enumerate(decided)
            for side, text in (("first", pair.first), ("second", pair.second))
        }
        scores = by_hand.score(self.work / "score", model=reward, replies=replies)
        found = [(scores[f"{at}-first"] > scores[f"{at}-second"]) == (gap > 0) for at, (_, gap) in enumerate(decided)]
        return statistics.mean(found)


def _gap(pair: Pair) -> float:
    return true_quality(pair.asked.prompt, pair.first) - true_quality(pair.asked.prompt, pair.second)


class Figure(NamedTuple):
    meaning: str
    of: Callable[[dict[str, float]], float]  # from the measurements of one seed
    no_effect: float | None = None  # what it would be if training did nothing


FIGURE = {
    "reward_accuracy": Figure(
        "Reward model: share of held-out pairs ranked as the truth ranks them", itemgetter("reward_accuracy"), 0.5
    ),
    "dpo_gain": Figure("DPO: gain in true quality", lambda m: m["quality_dpo"] - m["quality_start"], 0.0),
    "grpo_gain": Figure(
        "GRPO on the reward model: gain in true quality", lambda m: m["quality_grpo"] - m["quality_start"], 0.0
    ),
    "exact_rise": Figure(
        "GRPO on the verifier: rise of the success rate", lambda m: m["exact_grpo"] - m["exact_start"], 0.0
    ),
    "quality_start": Figure("True quality, start model", itemgetter("quality_start")),
    "quality_dpo": Figure("True quality after DPO", itemgetter("quality_dpo")),
    "quality_grpo": Figure("True quality after GRPO on the reward model", itemgetter("quality_grpo")),
    "exact_start": Figure("Success rate, start model", itemgetter("exact_start")),
    "exact_grpo": Figure("Success rate after GRPO on the verifier", itemgetter("exact_grpo")),
}


def summary(measured: list[dict[str, float]]) -> dict:
    """Each figure with its interval, and whether the interval leaves no effect out."""
    found = {}
    for key, figure in FIGURE.items():
        mean, low, high = t_interval([figure.of(row) for row in measured])
        found[key] = {"meaning": figure.meaning, "mean": mean, "low": low, "high": high}
        if figure.no_effect is not None:
            found[key] |= {"no_effect": figure.no_effect, "clear": low > figure.no_effect}
    return found


PAGE = """\
# On the demo world

`{command}` writes this page and `demo-world.json`. Each figure is a mean over {seeds} seeds with the
95 % interval of Student's t over them; gains are differences within a seed. A seed has its own {pairs:,} pairs, judged
by the demo's eight simulated people (three of them with faults), its own order of rows and its own sampling. Quality
and success are of {prompts} replies at temperature 1 to prompts that neither the tiny model nor any run was trained
on. Presets `tiny`, one thread.

| figure | mean | 95 % interval |
| --- | --- | --- |
{figures}

Seed by seed, with the seconds each run took:

| seed | {names} | seconds |
| --- | {rule} | --- |
{rows}
"""


def page(found: dict, seeds: list[dict]) -> str:
    """The figures as Markdown."""
    figures = [
        f"| {row['meaning']} | {row['mean']:.3f} | [{row['low']:.3f}, {row['high']:.3f}] |" for row in found.values()
    ]
    names = list(seeds[0]["measured"])
    rows = []
    for row in seeds:
        values = " | ".join(f"{row['measured'][name]:.3f}" for name in names)
        seconds = ", ".join(f"`{name}` {value:.0f}" for name, value in row["seconds"].items())
        rows.append(f"| {row['seed']} | {values} | {seconds} |")
    return PAGE.format(
        command=COMMAND,
        seeds=len(seeds),
        pairs=PAIRS,
        prompts=TEST_PROMPTS,
        figures="\n".join(figures),
        names=" | ".join(f"`{name}`" for name in names),
        rule=" | ".join("---" for _ in names),
        rows="\n".join(rows),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--to", type=Path, default=FIGURES, help="folder for demo-world.md and demo-world.json")
    parser.add_argument("--go-on", action="store_true", help="keep the seeds that demo-world.json has already")
    chosen = parser.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    file = chosen.to / "demo-world.json"
    seeds = json.loads(file.read_text(encoding="utf-8"))["seeds"] if chosen.go_on and file.exists() else []
    for seed in chosen.seeds:
        if seed in {row["seed"] for row in seeds}:
            continue
        with tempfile.TemporaryDirectory() as work:
            one = Seed(seed, Path(work), print)
            seeds.append({"seed": seed, "measured": one.measure(), "seconds": one.seconds})
        print(json.dumps(seeds[-1]), flush=True)
        write(chosen.to, seeds)


def write(folder: Path, seeds: list[dict]) -> None:
    """Both files, after each seed: the figures once there are two."""
    document = {"command": COMMAND, "seeds": seeds}
    if len(seeds) > 1:
        found = summary([row["measured"] for row in seeds])
        document["figures"] = found
        (folder / "demo-world.md").write_text(page(found, seeds), encoding="utf-8")
    (folder / "demo-world.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
