"""The engine by hand, without a site or a database: snapshot folders, runs, completions and scores as plain calls.

For the tiny model's maker and the benchmarks. Standard library only: each call is a process of the engine's own.
"""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path

from annotation.snapshot_format import SPLITS, canonical_json, file_sha256, manifest, turn
from training import launcher


def asked(prompt: str) -> list[dict]:
    return [turn("user", prompt)]


def write_folder(folder: Path, *, name: str, form: str, splits: dict[str, Iterable[dict]]) -> dict:
    """Write rows by split as a frozen snapshot; returns what a run spec says of it."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for split in SPLITS:
        path = folder / f"{split}.jsonl"
        lines = sorted(canonical_json(row) for row in splits.get(split, ()))
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        files[split] = {"rows": len(lines), "bytes": path.stat().st_size, "sha256": file_sha256(path)}
    facts = manifest(name=name, format=form, policy={}, filters={}, files=files)
    (folder / "manifest.json").write_text(canonical_json(facts), encoding="utf-8")
    return {"path": str(folder.resolve()), "sha256": facts["sha256"], "format": form}


def train(
    run: Path,
    *,
    method: str,
    data: dict,
    model: Path,
    training: dict,
    settings: dict | None = None,
    rewards: Iterable[dict] = (),
    seed: int = 42,
) -> Path:
    """One run from its spec to its last checkpoint, which is returned. Raises if the engine says no, or was stopped."""
    run.mkdir(parents=True)
    spec = {
        "format": 1,
        "uid": uuid.uuid5(uuid.NAMESPACE_URL, f"plumbline:{method}:{run.name}").hex,
        "name": run.name,
        "method": method,
        "settings": settings or {},
        "data": data,
        "prompts": None,
        "model": {"path": str(model.resolve())},
        "reference": None,
        "rewards": list(rewards),
        "training": training,
        "seed": seed,
    }
    (run / "spec.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")
    _engine("train", run, threads=training.get("threads"))
    last = json.loads((run / "events.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    if last.get("outcome") != "succeeded":
        raise RuntimeError(f"{run.name} did not come to its end: {last}")
    return max((run / "checkpoints").glob("step-*"))


def generate(folder: Path, *, model: Path, prompts: dict[str, str], sampling: dict) -> dict[str, str]:
    """What `model` answers to each prompt, by id."""
    rows = [{"id": key, "messages": asked(prompt)} for key, prompt in prompts.items()]
    lines = _request(folder, "generate", {"model": str(model.resolve()), "rows": rows, "sampling": sampling})
    return {line["id"]: line["text"] for line in lines}


def score(folder: Path, *, model: Path, replies: dict[str, tuple[str, str]]) -> dict[str, float]:
    """What the reward model `model` says of each (prompt, reply), by id."""
    rows = [{"id": key, "messages": asked(prompt), "completion": reply} for key, (prompt, reply) in replies.items()]
    lines = _request(folder, "score", {"model": str(model.resolve()), "rows": rows})
    return {line["id"]: line["score"] for line in lines}


def _request(folder: Path, verb: str, request: dict) -> list[dict]:
    folder.mkdir(parents=True)
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    _engine(verb, folder, threads=1)
    answers = folder / {"generate": "completions.jsonl", "score": "scores.jsonl"}[verb]
    lines = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    if "error" in lines[-1]:
        raise RuntimeError(f"{verb}: {lines[-1]['error']}")
    return [line for line in lines if "id" in line]


def _engine(verb: str, folder: Path, *, threads: int | None) -> None:
    ran = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-m", "training.engine", verb, str(folder)],
        cwd=launcher.PROJECT_DIR,
        env=launcher.environment(threads=threads),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if ran.returncode:
        raise RuntimeError(f"{verb} {folder} ended with exit code {ran.returncode}:\n{ran.stdout[-3000:]}")
