"""The run spec: what spec.json says, typed and frozen, checked as a whole.

`parse` lists every problem with its path instead of stopping at the first, and is the same function for site and
engine. What it knows of methods it reads from the committed catalogue, so it needs no torch.
"""

import dataclasses
import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.engine import settings as setting_rows
from training.engine.training_settings import TrainingSettings

FORMAT = 1
CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue.json"
DATA_FORMATS = ("preference", "unpaired_preference", "prompt_completion", "prompt_only")
SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")


class SpecError(ValueError):
    """Everything that is wrong with a spec: `problems` is a list of {"path", "message"}."""

    def __init__(self, problems: list[dict[str, str]]):
        self.problems = problems
        super().__init__("; ".join(f"{p['path']} {p['message']}" for p in problems))


@dataclasses.dataclass(frozen=True)
class Data:
    path: str
    sha256: str
    format: str


@dataclasses.dataclass(frozen=True)
class Model:
    path: str


@dataclasses.dataclass(frozen=True)
class Reward:
    """One source of reward: a trained reward model's folder, or a verifier by name."""

    name: str
    kind: str
    weight: float = 1.0
    path: str | None = None
    verifier: str | None = None


@dataclasses.dataclass(frozen=True)
class RunSpec:
    uid: str
    name: str
    method: str
    settings: Mapping[str, Any]
    data: Data
    model: Model
    training: TrainingSettings
    prompts: Data | None = None
    reference: Model | None = None
    rewards: tuple[Reward, ...] = ()
    seed: int = 42

    def to_json(self) -> dict[str, Any]:
        """The document that `parse` reads back to an equal spec."""
        document = dataclasses.asdict(self)
        document["settings"] = dict(self.settings)
        document["rewards"] = [
            {key: value for key, value in reward.items() if value is not None} for reward in document["rewards"]
        ]
        return {"format": FORMAT, **document}


@functools.cache
def committed_catalogue() -> dict[str, Any]:
    return json.loads(CATALOGUE.read_text(encoding="utf-8"))


def parse(document: Any, catalogue: Mapping[str, Any] | None = None) -> RunSpec:
    """A RunSpec, or a SpecError that lists all problems."""
    reading = _Reading(document, catalogue or committed_catalogue())
    spec = reading.spec()
    if reading.problems:
        raise SpecError(reading.problems)
    return spec


def read(path: Path, catalogue: Mapping[str, Any] | None = None) -> RunSpec:
    """`parse` of a file; a file that is not JSON is a problem like any other."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SpecError([{"path": "spec", "message": f"cannot be read: {error}"}]) from error
    return parse(document, catalogue)


class _Reading:
    """One pass over a document; collects problems instead of raising."""

    FIELDS = (
        "format", "uid", "name", "method", "settings", "data", "prompts", "model", "reference", "rewards", "training",
        "seed",
    )  # fmt: skip

    def __init__(self, document: Any, catalogue: Mapping[str, Any]):
        self.problems: list[dict[str, str]] = []
        self.catalogue = catalogue
        self.document = document if isinstance(document, Mapping) else {}
        if not isinstance(document, Mapping):
            self.wrong("spec", "must be an object")

    def wrong(self, path: str, message: str) -> None:
        self.problems.append({"path": path, "message": message})

    def spec(self) -> RunSpec | None:
        doc = self.document
        for key in doc:
            if key not in self.FIELDS:
                self.wrong(key, "is not part of a run spec")
        if doc.get("format") != FORMAT:
            self.wrong("format", f"must be {FORMAT}")
        method = self.method()
        uid, name = self.text("uid"), self.text("name")
        values = self.settings("settings", method["settings"]) if method else {}
        training = self.settings("training", setting_rows.describe(TrainingSettings))
        data = self.data("data", method["data"] if method else None)
        prompts = self.data("prompts", "prompt_only") if doc.get("prompts") is not None else None
        model = self.model("model", required=True)
        reference = self.model("reference", required=False)
        rewards = self.rewards(bool(method) and method["needs"]["rewards"] == "some", bool(method))
        seed = self.seed()
        if self.problems:
            return None
        shared = TrainingSettings(**training)
        self.groups_fit(values, shared)
        return RunSpec(uid, name, doc["method"], values, data, model, shared, prompts, reference, rewards, seed)

    def method(self) -> Mapping[str, Any] | None:
        by_name = {method["name"]: method for method in self.catalogue["methods"]}
        name = self.document.get("method")
        if name not in by_name:
            self.wrong("method", f"must be one of {', '.join(by_name)}")
            return None
        return by_name[name]

    def settings(self, path: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        values, found = setting_rows.checked(rows, self.document.get(path, {}), path)
        for where, message in found:
            self.wrong(where, message)
        return values

    def text(self, key: str) -> str:
        value = self.document.get(key)
        if not isinstance(value, str) or not value:
            self.wrong(key, "must be text")
        return value

    def seed(self) -> int:
        value = self.document.get("seed", 42)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**32:
            self.wrong("seed", "must be a whole number from 0 to 4294967295")
        return value

    def data(self, key: str, wanted: str | None) -> Data | None:
        value = self.document.get(key)
        if not isinstance(value, Mapping):
            self.wrong(key, "must name a snapshot: path, sha256, format")
            return None
        for name in ("path", "sha256"):
            if not isinstance(value.get(name), str):
                self.wrong(f"{key}.{name}", "must be text")
        form = value.get("format")
        if form not in DATA_FORMATS:
            self.wrong(f"{key}.format", f"must be one of {', '.join(DATA_FORMATS)}")
        elif wanted not in (None, "prompt_only", form):  # every format has prompts
            self.wrong(f"{key}.format", f"is {form}, but this method reads {wanted}")
        return Data(value.get("path", ""), value.get("sha256", ""), form or "")

    def model(self, key: str, *, required: bool) -> Model | None:
        value = self.document.get(key)
        if value is None and not required:
            return None
        if not isinstance(value, Mapping) or not isinstance(value.get("path"), str) or not value["path"]:
            self.wrong(key, "must name a model folder or hub name: path")
            return None
        return Model(value["path"])

    def rewards(self, needed: bool, known: bool) -> tuple[Reward, ...]:
        value = self.document.get("rewards") or []
        if not isinstance(value, list):
            self.wrong("rewards", "must be a list")
            return ()
        if needed and not value:
            self.wrong("rewards", "must name at least one reward model or verifier")
        if value and known and not needed:
            self.wrong("rewards", "must be empty: this method takes no rewards")
        rewards = tuple(self.reward(row, f"rewards[{index}]") for index, row in enumerate(value))
        names = [reward.name for reward in rewards]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.wrong("rewards", f"has {name} twice")
        return rewards

    def reward(self, row: Any, path: str) -> Reward:
        if not isinstance(row, Mapping):
            self.wrong(path, "must be an object")
            return Reward("", "")
        if not isinstance(row.get("name"), str) or not SOURCE_NAME.match(row["name"]):
            self.wrong(f"{path}.name", "must be lower-case letters, digits, - or _, forty at most")
        weight = row.get("weight", 1.0)
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            self.wrong(f"{path}.weight", "must be a number")
            weight = 1.0
        kind = row.get("kind")
        if kind == "model" and not isinstance(row.get("path"), str):
            self.wrong(f"{path}.path", "must name the folder of a reward model")
        verifiers = [verifier["name"] for verifier in self.catalogue["verifiers"]]
        if kind == "verifier" and row.get("verifier") not in verifiers:
            self.wrong(f"{path}.verifier", f"must be one of {', '.join(verifiers)}")
        if kind not in ("model", "verifier"):
            self.wrong(f"{path}.kind", "must be model or verifier")
        return Reward(row.get("name", ""), kind or "", float(weight), row.get("path"), row.get("verifier"))

    def groups_fit(self, values: Mapping[str, Any], training: TrainingSettings) -> None:
        group = values.get("num_generations")
        if group and training.window_rows % group:
            self.wrong(
                "training.per_device_train_batch_size",
                f"times gradient_accumulation_steps is {training.window_rows} completions a step, "
                f"which must be a multiple of num_generations, {group}",
            )
