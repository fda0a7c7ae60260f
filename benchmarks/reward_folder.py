"""A reward model for both lanes: the tiny model with a head drawn from one seed."""

from pathlib import Path

import torch
import transformers

from training.engine.nets import folders


def make(folder: Path, policy: str) -> Path:
    tokenizer = transformers.AutoTokenizer.from_pretrained(policy)
    torch.manual_seed(0)
    folders.load_reward(policy, pad_token_id=tokenizer.pad_token_id).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
