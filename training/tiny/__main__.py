"""`python -m training.tiny` (`make tiny-model`): trains the shipped model again, with the program's own `sft`.

The corpus, the tokenizer, the first weights and the order of the rows come from fixed seeds and one thread computes,
so that the same machine writes the same bytes.
"""

import argparse
import random
import shutil
import tempfile
from itertools import islice
from pathlib import Path

from annotation.demo.corpus import conversations, prompts
from annotation.demo.replies import Mixture, compose
from annotation.snapshot_format import completion_row
from training import by_hand
from training.tiny import blank
from training.tiny.card import card

SEED = 7
ROWS = 56_000
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
    data = by_hand.write_folder(work / "corpus", name="demo world", form="prompt_completion", splits=corpus(rows))
    final = by_hand.train(work / "tiny", method="sft", data=data, model=work / "blank", training=TRAINING, seed=SEED)
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
        "train": (completion_row(by_hand.asked(prompt), reply) for prompt, reply in islice(conversations(SEED), rows)),
        "validation": (
            completion_row(by_hand.asked(row.prompt), compose(row.question, mixture.draw(row.question, rng), rng))
            for row in held_out
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=SHIPPED, help="where the model folder goes")
    parser.add_argument("--rows", type=int, default=ROWS, help="conversations to learn from")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        make(chosen.to, Path(work), rows=chosen.rows)


if __name__ == "__main__":
    main()
