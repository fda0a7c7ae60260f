"""The guide of the demo project: how to judge, and the facts to judge by, out of the tables."""

from itertools import zip_longest
from pathlib import Path

from annotation.demo.garden import PESTS, PICKING, SOWING, WATERING, WEATHER
from annotation.demo.village import NEIGHBOURS, STAINS, TOOLS


def guide() -> str:
    """Markdown. The same facts give the same text, so that loading again makes no new version."""
    text = (Path(__file__).parent / "guide.md").read_text(encoding="utf-8")
    rows = zip_longest(SOWING.facts.items(), PICKING.facts.items(), fillvalue=("", ""))
    calendar = "\n".join(f"| {a} | {b} | | {c} | {d} |" for (a, b), (c, d) in rows)
    topics = {"watering": WATERING, "tools": TOOLS, "pests": PESTS, "stains": STAINS, "weather": WEATHER}
    lists = {name: _listed(topic.facts) for name, topic in topics.items()}
    neighbours = "; ".join(f"{name} {does}" for does, name in NEIGHBOURS.facts.items())
    return text.format(calendar=calendar, neighbours=f"{neighbours}.", **lists)


def _listed(facts: dict[str, str]) -> str:
    return "; ".join(f"{subject}: {answer}" for subject, answer in facts.items()) + "."
