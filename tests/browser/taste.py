"""Somebody who knows what is true in the demo world, and pairs for them to judge."""

import json
from itertools import islice
from pathlib import Path

from annotation.demo.corpus import pairs, prompts
from annotation.demo.truth import true_quality

SEED = 5


def knows(question: str, a: str, b: str) -> str:
    """The key of the 8-step scale, 1 for A and 8 for B, that the difference in true quality asks for."""
    ahead = true_quality(question, b) - true_quality(question, a)
    return str(max(1, min(8, round(4.5 + 4 * ahead))))


def write_pairs(folder: Path, count: int) -> Path:
    """A file of prompts with two answers each, as the page takes it."""
    rows = [{"prompt": drawn.asked.prompt, "responses": [drawn.first, drawn.second]} for drawn in some(count)]
    path = folder / "neighbours.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def some(count: int):
    return islice(pairs(SEED, validation=False), count)


def questions(count: int) -> list[str]:
    """Prompts that none of the pairs asks."""
    return [asked.prompt for asked in islice(prompts(SEED, checkable=0.0, validation=True), count)]
