"""`python -m training.tiny` (`make tiny-model`): trains the shipped model again, with the program's own `sft`.

The corpus, the tokenizer, the first weights and the order of the rows come from fixed seeds and one thread computes,
so that the same machine writes the same bytes.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import uuid
from itertools import islice
from pathlib import Path

from annotation.demo.corpus import conversations, prompts
from annotation.demo.replies import Mixture, compose
from annotation.snapshot_format import completion_row
from training.tiny import blank
from training.tiny.card import card
from training.tiny.folders import asked, write_folder

SEED = 7
ROWS = 52_000
TRAINING = {
    "num_train_epochs": 1.0,
    "per_device_train_batch_size": 32,
    "learning_rate": 6e-3,
    "lr_scheduler_type": "cosine",
    "warmup_steps": 50,
    "weight_decay": 0.01,
    "adam_beta2": 0.95,
    "max_length": 256,
    "logging_steps": 100,
    "save_steps": 0,
    "sample_prompts": 0,
    "device": "cpu",
    "threads": 1,
}
KEPT = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
SHIPPED = Path(__file__).parent / "model"


def make(target: Path, work: Path, *, rows: int = ROWS) -> None:
    """Draw the corpus, start from blank weights, train by the engine, keep what a model folder needs."""
    blank.write(work / "blank", seed=SEED)
    data = write_folder(work / "corpus", name="demo world", form="prompt_completion", splits=corpus(rows))
    final = train(work / "run", data=data, model=work / "blank")
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    for name in (*KEPT, "model.safetensors"):
        if (final / name).exists():
            shutil.copyfile(final / name, target / name)
    (target / "README.md").write_text(card(rows=rows, training=TRAINING, seed=SEED), encoding="utf-8")


def corpus(rows: int) -> dict:
    """Replies of mixed quality on training prompts; a few on prompts never trained on, to see the loss there."""
    held_out = islice(prompts(SEED, checkable=0.4, validation=True), 300)
    rng, mixture = random.Random(f"tiny-{SEED}"), Mixture()
    return {
        "train": (completion_row(asked(prompt), reply) for prompt, reply in islice(conversations(SEED), rows)),
        "validation": (
            completion_row(asked(row.prompt), compose(row.question, mixture.draw(rng), rng)) for row in held_out
        ),
    }


def train(run: Path, *, data: dict, model: Path) -> Path:
    """Run the engine as anybody would by hand; returns the last checkpoint."""
    run.mkdir(parents=True)
    spec = {
        "format": 1,
        "uid": uuid.uuid5(uuid.NAMESPACE_URL, "plumbline:tiny").hex,
        "name": "tiny",
        "method": "sft",
        "settings": {},
        "data": data,
        "prompts": None,
        "model": {"path": str(model.resolve())},
        "reference": None,
        "rewards": [],
        "training": TRAINING,
        "seed": SEED,
    }
    (run / "spec.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "training.engine", "train", str(run)], check=True)  # noqa: S603 (our own)
    return max((run / "checkpoints").glob("step-*"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=SHIPPED, help="where the model folder goes")
    parser.add_argument("--rows", type=int, default=ROWS, help="conversations to learn from")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        make(chosen.to, Path(work), rows=chosen.rows)


if __name__ == "__main__":
    main()
