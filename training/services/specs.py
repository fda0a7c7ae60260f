"""From rows to the run spec: the one place where snapshots, checkpoints and settings become a document."""

from pathlib import Path

from annotation.errors import Refused
from annotation.models import Snapshot
from training.engine import spec as run_spec
from training.models import Checkpoint


def build(
    *,
    uid: str,
    name: str,
    method: str,
    settings: dict,
    training: dict,
    snapshot: Snapshot,
    start: Checkpoint,
    rewards=(),
    seed: int = 42,
    prompts: Snapshot | None = None,
    reference: Checkpoint | None = None,
) -> dict:
    """The complete document, defaults filled in. `rewards` are {checkpoint or verifier, weight, name}.

    Raises Refused with every problem and its path.
    """
    problems = _problems_of_rows(snapshot, prompts, start, rewards)
    document = {
        "format": run_spec.FORMAT,
        "uid": uid,
        "name": name,
        "method": method,
        "settings": settings,
        "data": _data(snapshot),
        "prompts": _data(prompts) if prompts else None,
        "model": {"path": start.path},
        "reference": {"path": reference.path} if reference else None,
        "rewards": [_reward(reward, index) for index, reward in enumerate(rewards)],
        "training": training,
        "seed": seed,
    }
    try:
        parsed = run_spec.parse(document)
    except run_spec.SpecError as error:
        problems += error.problems
    if problems:
        count = len(problems)
        raise Refused(
            "One value needs a correction." if count == 1 else f"{count} values need a correction.",
            code="spec",
            problems=problems,
        )
    return parsed.to_json()


def missing_folders(spec: dict) -> list[str]:
    """Folders a spec names by full path that are not on this machine: said at once, before an engine is started."""
    named = [spec["model"], spec.get("reference"), *spec.get("rewards", [])]
    paths = dict.fromkeys(row["path"] for row in named if row and row.get("path"))
    return [path for path in paths if path.startswith("/") and not Path(path).is_dir()]


def _data(snapshot: Snapshot) -> dict:
    return {"path": snapshot.path, "sha256": snapshot.sha256, "format": snapshot.format}


def _reward(reward: dict, index: int) -> dict:
    weight = reward.get("weight", 1.0)
    if checkpoint := reward.get("checkpoint"):
        name = reward.get("name") or ("rm" if index == 0 else f"rm-{index + 1}")
        return {"name": name, "kind": "model", "path": checkpoint.path, "weight": weight}
    name = reward.get("name") or str(reward["verifier"]).replace("_", "-")
    return {"name": name, "kind": "verifier", "verifier": reward["verifier"], "weight": weight}


def _problems_of_rows(snapshot, prompts, start, rewards) -> list[dict]:
    """What the rows themselves forbid, before the spec is looked at."""
    problems = []
    for path, row in (("data", snapshot), ("prompts", prompts)):
        if row is not None and row.state != Snapshot.State.FROZEN:
            problems.append({"path": path, "message": f"is not frozen yet: {row.name} is {row.state}. Wait for it."})
    if start.kind != Checkpoint.Kind.POLICY:
        problems.append({"path": "model", "message": "is a reward model; a run starts from a policy."})
    for index, reward in enumerate(rewards):
        checkpoint = reward.get("checkpoint")
        if checkpoint is not None and checkpoint.kind != Checkpoint.Kind.REWARD:
            problems.append({"path": f"rewards[{index}]", "message": f"{checkpoint.name} is not a reward model."})
    return problems
