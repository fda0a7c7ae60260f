"""Tiny models, tokenizers and snapshots, made on the fly and the same every time."""

import functools
import json
from pathlib import Path

import tokenizers
import torch
import transformers

from training.engine import records
from training.engine.nets import folders

TEXTS = [
    "What is the sum of 3 and 4? The answer is 7.",
    "Name a colour, please. Blue is a fine colour, and so is green.",
    "How do I grow apples? Water the tree, cut it back in winter, and wait.",
    "yes no maybe one two three four five six seven eight nine ten 0 1 2 3 4 5 6 7 8 9",
]
TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
SPECIAL = ["<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]
SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
CONFIGS = {
    "llama": lambda size: transformers.LlamaConfig(
        vocab_size=size, num_key_value_heads=1, tie_word_embeddings=True, max_position_embeddings=512, **SHAPE
    ),
    "mistral": lambda size: transformers.MistralConfig(
        vocab_size=size, num_key_value_heads=1, sliding_window=16, max_position_embeddings=512, **SHAPE
    ),
    "qwen2": lambda size: transformers.Qwen2Config(
        vocab_size=size, num_key_value_heads=1, max_position_embeddings=512, **SHAPE
    ),
    "gpt_neox": lambda size: transformers.GPTNeoXConfig(vocab_size=size, max_position_embeddings=512, **SHAPE),
    "gpt2": lambda size: transformers.GPT2Config(vocab_size=size, n_embd=32, n_layer=2, n_head=2, n_positions=512),
}


@functools.cache
def _trained(vocabulary: int) -> str:
    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=SPECIAL,
        initial_alphabet=sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bpe.train_from_iterator(TEXTS, trainer)
    return bpe.to_str()


def tokenizer(*, template: str | None = TEMPLATE, pad: str | None = "<|pad|>") -> transformers.PreTrainedTokenizerFast:
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizers.Tokenizer.from_str(_trained(320)), eos_token="<|end|>", pad_token=pad
    )
    made.chat_template = template
    return made


def model_folder(folder: Path, architecture: str = "llama", seed: int = 0, **tokens) -> Path:
    """A randomly made causal model with its tokenizer."""
    made = tokenizer(**tokens)
    config = CONFIGS[architecture](len(made))
    config.eos_token_id, config.pad_token_id, config.bos_token_id = made.eos_token_id, made.pad_token_id, None
    torch.manual_seed(seed)
    model = transformers.AutoModelForCausalLM.from_config(config)
    model.save_pretrained(folder)
    made.save_pretrained(folder)
    return folder


def reward_folder(folder: Path, policy: Path, seed: int = 1) -> Path:
    """A reward model with a random head, as the engine saves one."""
    made = tokenizer()
    torch.manual_seed(seed)
    model = folders.load_reward(str(policy), pad_token_id=made.pad_token_id)
    torch.nn.init.normal_(model.score.weight, std=1.0)
    model.save_pretrained(folder)
    made.save_pretrained(folder)
    return folder


def user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def assistant(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def snapshot(folder: Path, splits: dict[str, list[dict]]) -> dict[str, str]:
    """A snapshot folder; gives path and sha256."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in records.SPLITS:
        lines = [json.dumps(row, sort_keys=True, ensure_ascii=False) for row in splits.get(name, [])]
        (folder / f"{name}.jsonl").write_text("".join(line + "\n" for line in sorted(lines)))
    return {"path": str(folder), "sha256": records.digest(folder)}


COLOURS = ["red", "blue", "green", "white", "black", "brown", "pink", "grey"]


def pairs(count: int, start: int = 0) -> list[dict]:
    """The longer, politer answer is the better one."""
    return [
        {
            "prompt": user(f"Number {n}: name a colour."),
            "chosen": assistant(f"{COLOURS[n % 8]} is a fine colour, yes " + "and so " * (n % 4)),
            "rejected": assistant(f"no {COLOURS[(n + 3) % 8]}"),
            "margin": float(n % 3),
        }
        for n in range(start, start + count)
    ]


def demonstrations(count: int, start: int = 0) -> list[dict]:
    return [{"prompt": row["prompt"], "completion": row["chosen"]} for row in pairs(count, start)]


def prompts(count: int, start: int = 0) -> list[dict]:
    return [{"prompt": user(f"Say {n % 10}."), "reference": str(n % 10)} for n in range(start, start + count)]


ROWS = {
    "sft": ("prompt_completion", demonstrations),
    "reward_bt": ("preference", pairs),
    "dpo": ("preference", pairs),
    "grpo": ("prompt_only", prompts),
}


def run_directory(folder: Path, method: str, model: Path, *, rows: int = 24, settings=None, rewards=None, **training):
    """A run directory ready to train: small, quick, and logging every step."""
    form, make = ROWS[method]
    data = snapshot(folder / "snapshot", {"train": make(rows), "validation": make(8, 1000)})
    shared = {
        "max_steps": 4, "per_device_train_batch_size": 4, "learning_rate": 1e-3, "logging_steps": 1, "save_steps": 2,
        "sample_prompts": 2, "sample_length": 8, "threads": 1, "device": "cpu", "max_length": 128,
    }  # fmt: skip
    document = {
        "format": 1,
        "uid": "0" * 32,
        "name": f"{method}-test",
        "method": method,
        "settings": settings or {},
        "data": {**data, "format": form},
        "model": {"path": str(model)},
        "rewards": rewards or [],
        "training": {**shared, **training},
        "seed": 5,
    }
    directory = folder / "run"
    directory.mkdir(parents=True)
    (directory / "spec.json").write_text(json.dumps(document))
    return directory
