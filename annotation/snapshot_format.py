"""Identities of messages, splits and rows, and the layout of a snapshot folder (docs/snapshot-format.md).

Pure: neither Django nor torch. Everything here is part of what a snapshot's hash stands for, so a change is a new
format number.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

FORMAT = 1
SPLITS = ("train", "validation", "test")
_SHARES = (("train", 0.8), ("validation", 0.9), ("test", 1.0))  # cumulative

RUBRIC = "rubric.json"
COLUMNS = {
    "preference": ("prompt", "chosen", "rejected", "margin"),
    "unpaired_preference": ("prompt", "completion", "label"),
    "prompt_completion": ("prompt", "completion"),
    "prompt_only": ("prompt", "reference"),
    "ranked": ("prompt", "completions", "ranks"),
    "stepwise_supervision": ("prompt", "completions", "labels"),
    "rated": ("prompt", "completion", "rating"),
}


def canonical_json(value) -> str:
    """One text per value: keys sorted, no spaces, UTF-8 as it is, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def message_digest(messages: Sequence[dict]) -> str:
    """SHA-256 of roles and contents in order; other keys of a message do not count."""
    return text_digest(canonical_json([[turn["role"], turn["content"]] for turn in messages]))


def split_key(messages: Sequence[dict]) -> str:
    """SHA-256 of the first user turn (of the first turn, where no user speaks).

    By the first turn and not the whole prompt, so that the later turns of one conversation never stand in
    training while an earlier one stands in the test.
    """
    first = next((turn for turn in messages if turn["role"] == "user"), messages[0] if messages else None)
    return text_digest(first["content"] if first else "")


def split_of(salt: str, key: str) -> str:
    """The split of a split key: 80 % train, 10 % validation, 10 % test, the same over all snapshots of a project."""
    number = int.from_bytes(hashlib.sha256(f"{salt}:{key}".encode()).digest()[:8]) / 2**64
    return next(name for name, upto in _SHARES if number < upto)


def turn(role: str, content: str) -> dict:
    return {"role": role, "content": content}


def preference_row(
    prompt: Sequence[dict], chosen: str, rejected: str, *, margin: float, weight: float | None = None
) -> dict:
    row = {
        "prompt": list(prompt),
        "chosen": [turn("assistant", chosen)],
        "rejected": [turn("assistant", rejected)],
        "margin": float(margin),
    }
    return row if weight is None else {**row, "weight": float(weight)}


def unpaired_row(prompt: Sequence[dict], completion: str, *, label: bool) -> dict:
    return {"prompt": list(prompt), "completion": [turn("assistant", completion)], "label": bool(label)}


def completion_row(prompt: Sequence[dict], completion: str) -> dict:
    return {"prompt": list(prompt), "completion": [turn("assistant", completion)]}


def ranked_row(prompt: Sequence[dict], completions: Sequence[str], ranks: Sequence[int]) -> dict:
    """Rank 1 is the best; completions of one rank are tied."""
    answers = [[turn("assistant", text)] for text in completions]
    return {"prompt": list(prompt), "completions": answers, "ranks": [int(rank) for rank in ranks]}


def stepwise_row(prompt: Sequence[dict], steps: Sequence[str], labels: Sequence[bool]) -> dict:
    """TRL's stepwise supervision: prompt and steps are plain texts there."""
    asked = prompt[0]["content"] if len(prompt) == 1 else "\n\n".join(f"{m['role']}: {m['content']}" for m in prompt)
    return {"prompt": asked, "completions": list(steps), "labels": [bool(label) for label in labels]}


def rated_row(prompt: Sequence[dict], completion: str, rating: float) -> dict:
    """`rating` from 0, worst, to 1, best."""
    return {"prompt": list(prompt), "completion": [turn("assistant", completion)], "rating": float(rating)}


def prompt_row(prompt: Sequence[dict], reference: str | None) -> dict:
    return {"prompt": list(prompt), "reference": reference or None}


def file_sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def snapshot_sha256(hashes: Iterable[tuple[str, str]]) -> str:
    """The hash of a snapshot: of `name:hash` lines over its canonical files, by SPLITS, the rubric last."""
    return hashlib.sha256("".join(f"{name}:{digest}\n" for name, digest in hashes).encode()).hexdigest()


def _weighs(format: str, policy: dict) -> bool:
    """Whether rows say how much they count."""
    by_policy = policy.get("ties") == "half" or (policy.get("soft") == "weights" and format == "preference")
    return (policy.get("weights", "none") != "none" and format != "prompt_only") or by_policy


def manifest(
    *, name: str, format: str, policy: dict, filters: dict, files: dict[str, dict], rubric: dict | None = None
) -> dict:
    """What `sha256` stands for. `files` maps a split to its `rows`, `bytes` and `sha256`; `rubric` are the facts of
    rubric.json, where one was frozen with the rows."""
    frozen = {f"{split}.jsonl": files[split] for split in SPLITS} | ({RUBRIC: rubric} if rubric else {})
    return {
        "format_version": FORMAT,
        "name": name,
        "format": format,
        "columns": list(COLUMNS[format]) + (["weight"] if _weighs(format, policy) else []),
        "counts": {split: files[split]["rows"] for split in SPLITS},
        "files": frozen,
        "policy": policy,
        "filters": filters,
        "sha256": snapshot_sha256((name, facts["sha256"]) for name, facts in frozen.items()),
    }


def verify(folder: Path) -> list[str]:
    """What is wrong with a snapshot folder, in words; nothing if its files are what its manifest says."""
    stated = json.loads((folder / "manifest.json").read_text())
    problems = [
        f"{name} is not the file that was frozen"
        for name, facts in stated["files"].items()
        if file_sha256(folder / name) != facts["sha256"]
    ]
    found = snapshot_sha256((name, facts["sha256"]) for name, facts in stated["files"].items())
    return problems if found == stated["sha256"] else [*problems, "the manifest's own hash does not fit its files"]
