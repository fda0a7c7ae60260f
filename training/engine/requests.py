"""Answers requests for completions and scores: a folder with request.json, answers appended line by line.

The same words for the verbs `generate` and `score` and for the resident `serve` (docs/run-directory.md). The last line
says done, or what went wrong, for people.
"""

import hashlib
import json
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from training.engine.attempt import failure_of
from training.engine.chat import Encoder
from training.engine.choosing import choose
from training.engine.errors import EngineError
from training.engine.live import Live
from training.engine.nets import folders
from training.engine.resident_models import ResidentModels
from training.engine.rewards.learned import LearnedReward
from training.engine.rollouts import Sampling, sample
from training.engine.windows import split

BATCH = 16
RESULTS = {"generate": "completions.jsonl", "score": "scores.jsonl", "choose": "choices.jsonl"}


class Policy:
    """A model that answers."""

    def __init__(self, path: str, device: str):
        self.encoder = Encoder(folders.load_tokenizer(path))
        self.reading = threading.Lock()  # a tokenizer serves one thread at a time
        self.model = folders.load_policy(path, device).requires_grad_(False)

    def text(self, ids: list[int]) -> str:
        with self.reading:
            return self.encoder.completion_text(ids)


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
            for row in ANSWERS[verb](request, models.get(_KINDS[verb], request["model"]), Path(folder) / "cancel"):
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


def generate(request: dict[str, Any], policy: Policy, cancel: Path) -> Iterator[dict[str, Any]]:
    """One completion a row. The same prompt, model and seed give the same completion, whatever else is asked.

    Where the request names a file in `stream`, it can be read there while it is written. With `refuse_long` a prompt
    that the model cannot read is refused by itself; without, it ends the request.
    """
    asked = request["sampling"]
    sampling = Sampling(int(asked["max_new_tokens"]), float(asked["temperature"]))
    for part in split(request["rows"], BATCH):
        with policy.reading:
            prompts = [(_number(row["messages"]), policy.encoder.prompt(row["messages"])) for row in part]
        part, prompts, refused = _that_fit(request, policy, part, prompts, sampling)
        yield from refused
        if not part:
            continue
        live = _live(request, policy, part, cancel)
        made = sample(policy.model, policy.encoder, prompts, sampling, int(asked["seed"]), 0, watch=live)
        texts = [policy.text(one.ids) for one in made]
        if live:
            live.end(texts)
        for row, one, text in zip(part, made, texts, strict=True):
            yield {
                "id": row["id"],
                "text": text,
                "length_tokens": len(one.ids),
                "terminated": one.terminated,
            }


def _that_fit(request, policy: Policy, rows, prompts, sampling: Sampling) -> tuple[list, list, list[dict[str, Any]]]:
    """Rows and prompts that the model has room for, and a line for each that it has not."""
    fitting, kept, refused = [], [], []
    for row, prompt in zip(rows, prompts, strict=True):
        try:
            words = f"The prompt of row {row['id']}"
            folders.check_fits(policy.model, len(prompt[1]) + sampling.max_new_tokens, words)
        except EngineError as error:
            if not request.get("refuse_long"):
                raise
            refused.append({"id": row["id"], "refused": error.message})
        else:
            fitting.append(row)
            kept.append(prompt)
    return fitting, kept, refused


def _live(request: dict[str, Any], policy: Policy, rows: list[dict[str, Any]], cancel: Path) -> Live | None:
    if not request.get("stream"):
        return None
    return Live(Path(request["stream"]), [row["id"] for row in rows], policy.text, cancel)


def score(request: dict[str, Any], reward: LearnedReward, _cancel: Path) -> Iterator[dict[str, Any]]:
    for part in split(request["rows"], 4 * BATCH):
        scores = reward([row["messages"] for row in part], [row["completion"] for row in part])
        for row, value in zip(part, scores, strict=True):
            yield {"id": row["id"], "score": value}


ANSWERS = {"generate": generate, "score": score, "choose": choose}
_KINDS = {"generate": "generate", "choose": "generate", "score": "score"}  # which verbs share a loaded model


def _number(messages: list[dict[str, str]]) -> int:
    """A number that stands for a prompt, the same in every request."""
    text = json.dumps([[turn["role"], turn["content"]] for turn in messages], ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
