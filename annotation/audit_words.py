"""The audit log in words: what actions are called, and what of a change is kept. Pure."""

from collections.abc import Mapping
from datetime import date, datetime

LONGEST = 500  # characters of one value
TITLES = {
    "project.create": "Made the project",
    "settings.change": "Changed the settings",
    "guide.add": "Wrote a new version of the guide",
    "task.create": "Made a task",
    "task.change": "Changed a task",
    "people.invite": "Made an invitation",
    "people.withdraw_invitation": "Withdrew an invitation",
    "people.join": "Joined",
    "people.change_role": "Changed a role",
    "people.remove": "Removed somebody",
    "people.pause": "Paused somebody",
    "people.resume": "Let somebody go on",
    "people.take_back": "Took back what somebody held",
    "endpoint.create": "Added an endpoint",
    "endpoint.retire": "Retired an endpoint",
    "responses.ask": "Asked models for responses",
    "token.create": "Made an API token",
    "token.revoke": "Revoked an API token",
    "capture_key.create": "Made a capture key",
    "capture_key.revoke": "Revoked a capture key",
    "import.start": "Started an import",
    "import.publish": "An import was published",
    "import.fail": "An import failed",
    "prompt.add": "Added a prompt",
    "items.add": "Added items",
    "items.fill": "Added items from completions",
    "item.put_back": "Put a flagged item back",
    "item.keep_out": "Kept an item out",
    "items.priority": "Set the priority of items",
    "items.batch": "Put items into a batch",
    "items.put_back": "Put items back",
    "items.keep_out": "Kept items out",
    "items.assign": "Assigned items",
    "items.undo": "Undid a change of items",
    "batch.create": "Made a batch",
    "batch.change": "Changed a batch",
    "block.create": "Made a block of work",
    "block.release": "Gave a block back to all",
    "rubric.create": "Made a rubric",
    "rubric.version": "Wrote a version of a rubric",
    "rubric.change": "Renamed a rubric",
    "rubric.trial": "Tried a rubric on answers",
    "rubric.ask": "Asked people to score by a rubric",
    "snapshot.create": "Asked for a snapshot",
    "snapshot.retry": "Tried a snapshot again",
    "export.create": "Asked for an export",
    "export.download": "Downloaded an export",
    "export.remove": "Removed an export",
    "constitution.create": "Made a constitution",
    "constitution.version": "Wrote a new version of a constitution",
    "judge.create": "Made a judge",
    "judge.version": "Made a new version of a judge",
    "judge.retire": "Retired a judge",
    "feedback.start": "Had models asked",
    "feedback.cancel": "Cancelled a job of models",
    "feedback.retry": "Went on with a job of models",
    "run.create": "Launched a run",
    "run.stop": "Stopped a run",
    "run.pause": "Paused a run",
    "run.resume": "Resumed a run",
    "checkpoint.register": "Registered a model",
    "checkpoint.promote": "Promoted a model",
    "checkpoint.demote": "Withdrew a promotion",
    "comparison.create": "Made a comparison",
    "comparison.open": "Opened a comparison",
}


def title_of(action: str) -> str:
    """What pages call an action; one that is not in the list is called by its own name."""
    if action in TITLES:
        return TITLES[action]
    area, _, verb = action.partition(".")
    return f"{area.replace('_', ' ').capitalize()}: {verb.replace('_', ' ')}" if verb else action


def changed(before: Mapping | None, after: Mapping | None) -> tuple[dict, dict]:
    """Both sides as JSON holds them; where both are given, only what differs."""
    old, new = plain(before or {}), plain(after or {})
    if before is not None and after is not None:
        same = {name for name in old.keys() & new.keys() if old[name] == new[name]}
        old, new = ({name: v for name, v in side.items() if name not in same} for side in (old, new))
    return _clipped(old), _clipped(new)


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def _clipped(value):
    if isinstance(value, dict):
        return {name: _clipped(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clipped(inner) for inner in value[:50]]
    return value[: LONGEST - 2] + " …" if isinstance(value, str) and len(value) > LONGEST else value


def lines(before: dict, after: dict) -> list[tuple[str, str, str]]:
    """(field, before, after) of each thing that changed, as a table shows it."""
    names = [*before, *(name for name in after if name not in before)]
    return [(name.replace("_", " "), said(before.get(name)), said(after.get(name))) for name in names]


def said(value) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {said(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(said(inner) for inner in value)
    return str(value)


# Words that name what an entry is about, of rows that have no title: tried in order.
NAMES = ("title", "name", "slug", "note")


def target_of(row) -> tuple[str, str]:
    """(words, key) of a row, or of a text."""
    if row is None or isinstance(row, str):
        return (row or "")[:200], ""
    kind = type(row).__name__.lower()
    words = next((str(getattr(row, name)) for name in NAMES if getattr(row, name, "")), f"{kind} {row.pk}")
    return words[:200], f"{kind}:{row.pk}"
