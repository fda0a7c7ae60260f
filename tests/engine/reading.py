"""Reads a run directory as the site does: what `rewound` declares void is gone."""

import json
from pathlib import Path

from training.engine.events import read_events
from training.engine.metrics import WALL_CLOCK


def events(directory: Path, type_: str | None = None) -> list[dict]:
    kept: list[dict] = []
    for event in read_events(directory / "events.jsonl"):
        if event["type"] == "rewound":
            kept = [earlier for earlier in kept if earlier["seq"] <= event["to_seq"]]
        kept.append(event)
    return [event for event in kept if type_ in (None, event["type"])]


def curves(directory: Path) -> list[dict]:
    """Metrics and samples as text, without what the clock says: equal texts are equal to the last digit."""
    made = []
    for event in events(directory):
        if event["type"] in ("metrics", "sample"):
            plain = {key: value for key, value in event.items() if key not in ("seq", "time", "end")}
            if "step" in plain and event["type"] == "metrics":
                plain["values"] = {key: value for key, value in plain["values"].items() if key not in WALL_CLOCK}
            made.append(json.dumps(plain, sort_keys=True))
    return made


def weights(directory: Path) -> list[str]:
    return [event["sha256"] for event in events(directory, "checkpoint")]
