"""Settings of runs beside each other: what differs, and what each setting does."""

from training import catalogue
from training.models import Run


def differing(runs: list[Run]) -> list[dict]:
    """The settings in which some runs differ, one value a run."""
    settings = [settings_of(run) for run in runs]
    names = list(dict.fromkeys(name for values in settings for name in values))
    rows = [{"name": name, "values": [values.get(name) for values in settings]} for name in names]
    return [row for row in rows if any(value != row["values"][0] for value in row["values"])]


def settings_of(run: Run) -> dict[str, object]:
    """Every setting of a run by name: the method's own, the shared ones, and what it was made of."""
    spec = run.spec
    rewards = ", ".join(f"{reward['name']} × {reward['weight']:g}" for reward in spec.get("rewards", []))
    return {
        "method": run.method,
        "snapshot": run.snapshot.name if run.snapshot else None,
        "start": run.start.name,
        **({"rewards": rewards} if rewards else {}),
        "seed": run.seed,
        **spec.get("settings", {}),
        **spec.get("training", {}),
    }


def differences(run: Run, other: Run) -> list[dict]:
    """Each setting of either run, with both values; `changed` where they differ. None: not a setting of that run."""
    mine, theirs = settings_of(run), settings_of(other)
    help_of = catalogue.settings_help()
    return [
        {
            "name": name,
            "mine": mine.get(name),
            "theirs": theirs.get(name),
            "changed": mine.get(name) != theirs.get(name),
            "help": help_of.get(name, ""),
        }
        for name in {**mine, **theirs}
    ]
