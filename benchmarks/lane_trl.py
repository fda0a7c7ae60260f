"""TRL's lane of benchmarks/training.py: its trainers as fast as their settings make them on this machine."""

import json
import sys
import tempfile
import warnings
from pathlib import Path

import datasets
import torch
import transformers
import trl

from benchmarks import reward_folder
from benchmarks.marks import Marks

FILES = {"sft": "sft", "reward_bt": "pairs", "dpo": "pairs", "dpo_cached": "pairs", "grpo": "prompts"}


class Watch(transformers.TrainerCallback):
    """Tells when a step has ended."""

    def __init__(self, marks: Marks):
        self.marks = marks

    def on_step_end(self, _args, _state, _control, **_others):
        self.marks.step_ended()


def run(asked: dict) -> dict:
    torch.set_num_threads(asked["threads"])
    warnings.simplefilter("ignore")
    transformers.utils.logging.set_verbosity_error()
    datasets.disable_progress_bars()
    rows = json.loads((Path(asked["data"]) / f"{FILES[asked['method']]}.json").read_text())
    with tempfile.TemporaryDirectory() as work:
        trainer = MAKERS[asked["method"]](asked, datasets.Dataset.from_list(rows), Path(work))
        marks = Marks(asked)
        trainer.add_callback(Watch(marks))
        trainer.train()
    return marks.read()


def _common(asked: dict, work: Path) -> dict:
    return {
        "output_dir": str(work), "per_device_train_batch_size": asked["rows"], "learning_rate": 1e-6,
        "max_steps": asked["steps"] + asked["warm_up"], "bf16": False, "gradient_checkpointing": False,
        "report_to": [], "use_cpu": True, "save_strategy": "no", "logging_steps": 10, "disable_tqdm": True,
    }  # fmt: skip


def _policy(asked: dict):
    return transformers.AutoModelForCausalLM.from_pretrained(asked["model"], dtype=torch.float32)


def _tokenizer(asked: dict):
    return transformers.AutoTokenizer.from_pretrained(asked["model"])


def _sft(asked, data, work):
    config = trl.SFTConfig(**_common(asked, work))
    return trl.SFTTrainer(_policy(asked), config, train_dataset=data, processing_class=_tokenizer(asked))


def _reward(asked, data, work):
    path = reward_folder.make(work / "reward", asked["model"])
    model = transformers.AutoModelForSequenceClassification.from_pretrained(path, dtype=torch.float32)
    config = trl.RewardConfig(**_common(asked, work))
    return trl.RewardTrainer(model, config, train_dataset=data, processing_class=_tokenizer(asked))


def _dpo(asked, data, work):
    cached = asked["method"] == "dpo_cached"
    config = trl.DPOConfig(**_common(asked, work), precompute_ref_log_probs=cached)
    reference = None if cached else _policy(asked)
    return trl.DPOTrainer(_policy(asked), reference, config, train_dataset=data, processing_class=_tokenizer(asked))


def _grpo(asked, data, work):
    path = reward_folder.make(work / "reward", asked["model"])
    scorer = transformers.AutoModelForSequenceClassification.from_pretrained(path, dtype=torch.float32)
    config = trl.GRPOConfig(
        **_common(asked, work), num_generations=8, max_completion_length=48, beta=0.04, loss_type="grpo"
    )  # fmt: skip
    return trl.GRPOTrainer(
        _policy(asked), reward_funcs=scorer, args=config, train_dataset=data, processing_class=_tokenizer(asked),
        reward_processing_classes=_tokenizer(asked),
    )  # fmt: skip


MAKERS = {"sft": _sft, "reward_bt": _reward, "dpo": _dpo, "dpo_cached": _dpo, "grpo": _grpo}


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
