"""Answers requests for completions and scores: a folder with request.json, answers appended line by line.

The same words for the verbs `generate` and `score` and for the resident `serve` (docs/run-directory.md). The last line
says done, or what went wrong, for people.
"""

import hashlib
import json
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from training.engine.attempt import failure_of
from training.engine.chat import Encoder
from training.engine.errors import EngineError
from training.engine.nets import folders
from training.engine.resident_models import ResidentModels
from training.engine.rewards.learned import LearnedReward
from training.engine.rollouts import Sampling, sample
from training.engine.windows import split

BATCH = 16
RESULTS = {"generate": "completions.jsonl", "score": "scores.jsonl"}


class Policy:
    """A model that answers."""

    def __init__(self, path: str, device: str):
        self.encoder = Encoder(folders.load_tokenizer(path))
        self.model = folders.load_policy(path, device).requires_grad_(False)


def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def load(kind: str, path: str) -> Policy | LearnedReward:
    return Policy(path, device()) if kind == "generate" else LearnedReward(path, device())


def answer(verb: str, folder: Path, models: ResidentModels) -> bool:
    """Whether it was answered; either way the last line says how it ended."""
    with (Path(folder) / RESULTS[verb]).open("a", encoding="utf-8") as file:

        def say(line: dict[str, Any]) -> None:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()

        try:
            request = json.loads((Path(folder) / "request.json").read_text(encoding="utf-8"))
            for row in ANSWERS[verb](request, models.get(verb, request["model"])):
                say(row)
                if (Path(folder) / "cancel").exists():
                    raise EngineError("spec", "cancelled")
        except Exception as error:
            failure = failure_of(error)
            if failure.kind == "bug":
                traceback.print_exc(file=sys.stderr)
            say({"error": failure.message})
            return False
        say({"done": True})
        return True


def generate(request: dict[str, Any], policy: Policy) -> Iterator[dict[str, Any]]:
    """One completion a row. The same prompt, model and seed give the same completion, whatever else is asked."""
    asked = request["sampling"]
    sampling = Sampling(int(asked["max_new_tokens"]), float(asked["temperature"]))
    for part in split(request["rows"], BATCH):
        prompts = [(_number(row["messages"]), policy.encoder.prompt(row["messages"])) for row in part]
        for row, (_key, ids) in zip(part, prompts, strict=True):
            folders.check_fits(policy.model, len(ids) + sampling.max_new_tokens, f"The prompt of row {row['id']}")
        made = sample(policy.model, policy.encoder, prompts, sampling, int(asked["seed"]), 0)
        for row, one in zip(part, made, strict=True):
            yield {
                "id": row["id"],
                "text": policy.encoder.completion_text(one.ids),
                "length_tokens": len(one.ids),
                "terminated": one.terminated,
            }


def score(request: dict[str, Any], reward: LearnedReward) -> Iterator[dict[str, Any]]:
    for part in split(request["rows"], 4 * BATCH):
        scores = reward([row["messages"] for row in part], [row["completion"] for row in part])
        for row, value in zip(part, scores, strict=True):
            yield {"id": row["id"], "score": value}


ANSWERS = {"generate": generate, "score": score}


def _number(messages: list[dict[str, str]]) -> int:
    """A number that stands for a prompt, the same in every request."""
    text = json.dumps([[turn["role"], turn["content"]] for turn in messages], ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
