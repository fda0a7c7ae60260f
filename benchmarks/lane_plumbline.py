"""Our engine's lane of benchmarks/training.py: the steps of its own loop, timed."""

import json
import sys
import tempfile
from pathlib import Path

from benchmarks import reward_folder
from benchmarks.marks import Marks
from training.engine import opening, records, registry, spec
from training.engine.training_settings import TrainingSettings

FILES = {"sft": "sft", "reward_bt": "pairs", "dpo": "pairs", "grpo": "prompts"}


def run(asked: dict) -> dict:
    method = asked["method"].removesuffix("_cached")  # our reference is always cached
    with tempfile.TemporaryDirectory() as work:
        snapshot = Path(work) / "snapshot"
        snapshot.mkdir()
        rows = json.loads((Path(asked["data"]) / f"{FILES[method]}.json").read_text())
        (snapshot / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        bench = opening.open_bench(_spec(asked, method, snapshot, Path(work)), None, Path(work))
        loop = opening.open_loop(bench)
        for _line in loop.prepare():
            pass
        marks = Marks(asked)
        for _report in loop.steps(0):
            marks.step_ended()
    return marks.read()


def _spec(asked: dict, method: str, snapshot: Path, work: Path) -> spec.RunSpec:
    rewards, settings = (), {}
    if method == "grpo":
        reward = reward_folder.make(work / "reward", asked["model"])
        rewards = (spec.Reward("rm", "model", path=str(reward)),)
        settings = {"num_generations": 8, "max_completion_length": 48, "beta": 0.04}
    return spec.RunSpec(
        uid="0", name="benchmark", method=method, settings=settings,
        data=spec.Data(str(snapshot), records.digest(snapshot), registry.recipe(method).data),
        model=spec.Model(asked["model"]), rewards=rewards,
        training=TrainingSettings(
            max_steps=asked["steps"] + asked["warm_up"], per_device_train_batch_size=asked["rows"],
            learning_rate=1e-6, threads=asked["threads"], device="cpu", sample_prompts=0, logging_steps=10,
        ),
    )  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
