"""Common English words beside the world's own: so that free text reads as text, and the tokenizer knows them."""

from pathlib import Path

COMMON = frozenset((Path(__file__).parent / "english.txt").read_text(encoding="utf-8").split())
