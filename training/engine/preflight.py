"""`preflight`: what a run would see and cost, before it takes a worker. Trains nothing, writes preflight.json."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from training.engine import measures, registry, spec
from training.engine.attempt import failure_of
from training.engine.loops.report import Bench
from training.engine.nets import folders
from training.engine.opening import open_bench, open_loop
from training.engine.preparation import Encoded, Prepared
from training.engine.records import SPLITS
from training.engine.spec import RunSpec
from training.engine.windows import split

SHOWN_ROWS = 3
WINDOWS_LOOKED_AT = 64
SECONDS_AT_MOST = 60.0
FLOPS_ASSUMED = 2e10  # of a slow core: only decides whether a rehearsal is worth its time


def preflight(folder: Path) -> int:
    """Writes preflight.json; the exit code is 0 when it could look, whatever it saw."""
    report: dict[str, Any] = {"problems": []}
    try:
        report.update(_look(spec.read(Path(folder) / "spec.json"), Path(folder)))
    except Exception as error:
        failure = failure_of(error)
        report["problems"] = failure.problems or [{"path": failure.kind, "message": failure.message}]
        if failure.kind == "bug":
            raise
    finally:
        temporary = Path(folder) / ".preflight.json"
        temporary.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(temporary, Path(folder) / "preflight.json")
    return 0


def _look(run: RunSpec, folder: Path) -> dict[str, Any]:
    bench = open_bench(run, None, folder / "cache", SPLITS)
    loop = open_loop(bench)
    lengths = [row.length for row in bench.splits["train"].rows]
    problems = list(_reward_problems(run, bench))
    return {
        "problems": problems,
        "rows": _rows(bench.splits),
        "lengths": {
            "p50": int(np.percentile(lengths, 50)),
            "p95": int(np.percentile(lengths, 95)),
            "max": max(lengths),
        },
        "padding_share": _padding_share(bench, loop),
        "samples": [shown for row in bench.splits["train"].rows[:SHOWN_ROWS] for shown in _shown(row, bench)],
        "estimate": None if problems else _estimate(bench, loop),
        "total_steps": loop.total_steps,
    }


def _rows(splits: dict[str, Prepared]) -> dict[str, Any]:
    """Counts over all splits, and reasons by how many rows they touched."""
    made: dict[str, Any] = {name: len(prepared.rows) for name, prepared in splits.items()}
    made["truncated"] = sum(prepared.truncated for prepared in splits.values())
    made["dropped"] = sum(prepared.dropped for prepared in splits.values())
    reasons = sum((prepared.reasons for prepared in splits.values()), start=type(splits["train"].reasons)())
    return {**made, "reasons": dict(reasons)}


def _padding_share(bench: Bench, loop: Any) -> float:
    """Of the micro-batches of the first steps, as they will be cut."""
    real = padded = 0
    rows, size = bench.splits["train"].rows, bench.spec.training.per_device_train_batch_size
    for step in range(min(WINDOWS_LOOKED_AT, loop.windows.per_epoch)):
        for part in split(loop.windows.at(step), size):
            sides = [length for index in part for length in _sides(rows[index])]
            real, padded = real + sum(sides), padded + max(sides) * len(sides)
    return 1 - real / padded


def _sides(row: Encoded) -> list[int]:
    return [len(turn.prompt) + len(turn.completion) for turn in row.turns] or [len(row.prompt)]


def _shown(row: Encoded, bench: Bench) -> Iterator[dict[str, Any]]:
    """Each side of a row token by token, as the model will see it; mask 1 where it is trained."""
    tokenizer = bench.encoder.tokenizer
    sides = {0: ("prompt",), 1: ("completion",), 2: ("chosen", "rejected")}[len(row.turns)]
    for index, side in enumerate(sides):
        prompt = row.turns[index].prompt if row.turns else row.prompt
        completion = row.turns[index].completion if row.turns else []
        tokens = [
            {"text": tokenizer.decode([token]), "id": token, "mask": int(place >= len(prompt))}
            for place, token in enumerate([*prompt, *completion])
        ]
        ends = bool(completion) and completion[-1] in bench.encoder.ends
        yield {"columns": dict(row.row), "side": side, "tokens": tokens, "ends_with_eos": ends}


def _estimate(bench: Bench, loop: Any) -> dict[str, Any]:
    """Time and memory of a step on the longest rows, rehearsed where that is quick, else left open."""
    rows = loop.longest_rows()
    tokens = sum(sum(_sides(row)) for row in rows)
    longest = {"rows": len(rows), "tokens": tokens}
    if 6 * folders.parameters(bench.model) * tokens > FLOPS_ASSUMED * SECONDS_AT_MOST and bench.device == "cpu":
        return {"memory_bytes": _memory_by_rule(bench), "step_seconds": None, "total_seconds": None,
                "longest_batch": longest}  # fmt: skip
    loop.rehearse()  # the first time also loads kernels
    began = time.perf_counter()
    worked = loop.rehearse()
    seconds = (time.perf_counter() - began) * _share_of_longest(bench, loop, worked)
    return {
        "memory_bytes": measures.peak_memory_bytes(bench.device),
        "step_seconds": seconds,
        "total_seconds": seconds * loop.total_steps,
        "longest_batch": longest,
    }


def _share_of_longest(bench: Bench, loop: Any, worked: int) -> float:
    """A usual step's tokens over the longest step's; 1 for methods whose completions are not known yet."""
    if bench.recipe.data == "prompt_only":
        return 1.0
    rows = bench.splits["train"].rows
    steps = range(min(WINDOWS_LOOKED_AT, loop.windows.per_epoch))
    usual = sum(sum(_sides(rows[index])) for step in steps for index in loop.windows.at(step)) / len(steps)
    return usual / worked


def _memory_by_rule(bench: Bench) -> int:
    """Weights, gradient and two moments in float32, and the reference's weights."""
    copies = 5 if bench.recipe.reference else 4
    return 4 * copies * folders.parameters(bench.model)


def _reward_problems(run: RunSpec, bench: Bench) -> Iterator[dict[str, str]]:
    """Verifiers are tried on every row's reference, so that none fails an hour into the run."""
    for index, reward in enumerate(run.rewards):
        if reward.kind != "verifier":
            continue  # models were loaded with the loop
        check = registry.verifiers()[reward.verifier].check
        broken = 0
        message = ""
        for row in bench.splits["train"].rows + bench.splits["validation"].rows:
            try:
                check("", row.row.get("reference"))
            except Exception as error:
                broken += 1
                message = str(error)
        if broken:
            yield {
                "path": f"rewards[{index}]",
                "message": f"{broken} prompts cannot be checked: {message}. Choose prompts with references.",
            }
