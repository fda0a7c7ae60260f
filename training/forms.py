"""The run form, made from a method's typed settings: one field a setting, its default, its range, its help."""

from django import forms
from django.utils.text import slugify

from annotation.models import Snapshot
from training import catalogue
from training.models import Checkpoint
from training.selectors import runs as selectors
from training.services.runs import QUEUES, free_name

REWARD_ROWS = 3
SMALL_MODEL_BYTES = 50_000_000  # below this, papers' learning rates do nothing
GROUPS = {
    "method": "Method",
    "sampling": "Sampling while training",
    "length": "Length",
    "batch": "Batch",
    "optimiser": "Optimiser",
    "data": "Rows",
    "watching": "Watching",
    "machine": "Machine",
}
OPEN_GROUPS = ("method", "sampling", "length", "batch")
FIRST_SETTINGS = ("learning_rate",)
FORMATS = {"prompt_only": tuple(Snapshot.Format)}  # every format has prompts


class RunForm(forms.Form):
    """Fields of a run of one method. Settings are called `settings.<name>` and `training.<name>`, as in the spec."""

    def __init__(self, project, method: dict, *args, preset: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project
        self.method = method
        self.preset = method["presets"].get(preset, {})
        self._add_rows()
        self._add_settings("settings", method["settings"])
        self._add_settings("training", catalogue.training_settings())

    def _add_rows(self) -> None:
        method, project = self.method, self.project
        formats = FORMATS.get(method["data"], (method["data"],))
        frozen = Snapshot.objects.filter(project=project, state=Snapshot.State.FROZEN).order_by("-id")
        policies = selectors.checkpoints_of(project, Checkpoint.Kind.POLICY)
        self.fields["name"] = forms.CharField(
            max_length=120, initial=free_name(project, f"{slugify(method['name'])}-1")
        )
        fitting = frozen.filter(format__in=formats)
        self.fields["snapshot"] = _Row(fitting, label="Snapshot", empty="Choose a snapshot")
        self.fields["snapshot"].initial = fitting.first()
        self.fields["start"] = _Row(policies, label="Start from", empty="Choose a model")
        if method["prompts"]:
            prompts = frozen.filter(format="prompt_only")
            self.fields["prompts"] = _Row(prompts, label="Prompts", empty="The snapshot’s own", required=False)
        if method["needs"]["reference"]:
            self.fields["reference"] = _Row(
                policies, label="Reference", empty="The model it starts from", required=False
            )
        if method["needs"]["rewards"] == "some":
            self._add_rewards()
        self.fields["queue"] = forms.ChoiceField(label="Runs on", choices=[(name, name.upper()) for name in QUEUES])
        self.fields["seed"] = forms.IntegerField(label="Seed", min_value=0, max_value=2**32 - 1, initial=42)

    def _add_rewards(self) -> None:
        models = selectors.checkpoints_of(self.project, Checkpoint.Kind.REWARD)
        choices = [
            ("", "None"),
            ("Reward models", [(f"model:{row.pk}", row.name) for row in models]),
            ("Verifiers", [(f"verifier:{row['name']}", row["title"]) for row in catalogue.verifiers()]),
        ]
        for at in range(REWARD_ROWS):
            self.fields[f"reward-{at}"] = forms.ChoiceField(label=f"Reward {at + 1}", choices=choices, required=at == 0)
            self.fields[f"reward-{at}"].initial = choices[1][1][0][0] if at == 0 and choices[1][1] else ""
            self.fields[f"weight-{at}"] = forms.FloatField(label="Weight", initial=1.0, required=False)

    def _add_settings(self, path: str, rows: list[dict]) -> None:
        for row in rows:
            given = self.preset.get(path, {}).get(row["name"], row["default"])
            field = _FIELDS[row["type"]](row)
            field.initial = given
            field.setting, field.changed = row, given != row["default"]
            self.fields[f"{path}.{row['name']}"] = field

    def clean(self) -> dict:
        values = super().clean()
        for name, field in self.fields.items():
            if hasattr(field, "setting") and values.get(name) in (None, "") and name not in self.errors:
                values[name] = field.setting["default"]
        return values

    def arguments(self) -> dict:
        """What `create_run` and the pre-flight are called with."""
        values = self.cleaned_data
        return {
            "name": values["name"],
            "method": self.method["name"],
            "settings": self._settings("settings"),
            "training": self._settings("training"),
            "snapshot": values["snapshot"],
            "start": values["start"],
            "rewards": self._rewards(),
            "seed": values["seed"],
            "prompts": values.get("prompts"),
            "reference": values.get("reference"),
        }

    def take(self, problems: list[dict]) -> None:
        """Put the problems of a refused spec beside the fields they are about; the rest above the form."""
        names = {"data": "snapshot", "model": "start", "rewards": "reward-0", "rewards[0]": "reward-0"}
        for problem in problems:
            path = problem["path"]
            name = path if path in self.fields else names.get(path, names.get(path.split(".")[0]))
            known = name if name in self.fields else None
            if known is None or known not in self.errors:
                self.add_error(known, problem["message"][:1].upper() + problem["message"][1:])

    def groups(self) -> list[dict]:
        """Settings by group, for the template: the method's own and the most used ones open, the rest folded."""
        found: dict[str, list] = {key: [] for key in GROUPS}
        for name, field in self.fields.items():
            if hasattr(field, "setting"):
                key = "method" if field.setting["name"] in FIRST_SETTINGS else field.setting["group"]
                found.setdefault(key, []).append(self[name])
        return [
            {
                "key": key,
                "title": GROUPS.get(key, key.title()),
                "fields": fields,
                "open": key in OPEN_GROUPS or any(field.errors for field in fields),
            }
            for key, fields in found.items()
            if fields
        ]

    def reward_rows(self) -> list[tuple]:
        if "reward-0" not in self.fields:
            return []
        return [(self[f"reward-{at}"], self[f"weight-{at}"]) for at in range(REWARD_ROWS)]

    def _settings(self, path: str) -> dict:
        prefix = f"{path}."
        return {name.removeprefix(prefix): self.cleaned_data[name] for name in self.fields if name.startswith(prefix)}

    def _rewards(self) -> list[dict]:
        rewards = []
        for at in range(REWARD_ROWS if "reward-0" in self.fields else 0):
            kind, _, which = (self.cleaned_data.get(f"reward-{at}") or "").partition(":")
            weight = self.cleaned_data.get(f"weight-{at}")
            row = {"weight": 1.0 if weight is None else weight}
            if kind == "model":
                rewards.append(row | {"checkpoint": Checkpoint.objects.get(project=self.project, pk=int(which))})
            elif kind == "verifier":
                rewards.append(row | {"verifier": which})
        return rewards


def initial_of(arguments: dict) -> dict:
    """A form's initial values from what `create_run` takes: for clones."""
    values = {f"settings.{name}": value for name, value in arguments["settings"].items()}
    values |= {f"training.{name}": value for name, value in arguments["training"].items()}
    for at, reward in enumerate(arguments["rewards"][:REWARD_ROWS]):
        model = reward.get("checkpoint")
        values[f"reward-{at}"] = f"model:{model.pk}" if model else f"verifier:{reward['verifier']}"
        values[f"weight-{at}"] = reward["weight"]
    plain = ("name", "snapshot", "start", "prompts", "reference", "seed", "queue")
    return values | {name: arguments.get(name) for name in plain}


def preset_for(method: dict, start: Checkpoint | None) -> str:
    """The preset that suits a model of that size: the small ones learn nothing at papers' rates."""
    small = start is None or 0 < start.size_bytes < SMALL_MODEL_BYTES
    wanted = "tiny" if small else "paper"
    return wanted if wanted in method["presets"] else next(iter(method["presets"]), "")


class _Row(forms.ModelChoiceField):
    """A choice among rows of the project, each with what tells it from its neighbours."""

    def __init__(self, queryset, *, label: str, empty: str, required: bool = True):
        super().__init__(queryset, label=label, empty_label=empty, required=required)
        self.error_messages["required"] = f"{empty}."
        self.error_messages["invalid_choice"] = "This one is not there any more, or does not fit. Choose another."

    def label_from_instance(self, row) -> str:
        if isinstance(row, Snapshot):
            return f"{row.name} · {row.row_count:,} rows"
        return f"{row.name}{' · promoted' if row.promoted_at else ''}"


class _Number(forms.CharField):
    """A number whose range is explained where it is broken."""

    def __init__(self, row: dict):
        mode = "numeric" if row["type"] == "int" else "decimal"
        widget = forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off"})
        super().__init__(label=row["name"], help_text=row["help"], required=False, widget=widget)
        self.row = row

    def prepare_value(self, value):
        return f"{value:g}" if isinstance(value, float) else value

    def clean(self, value):
        text = super().clean(value).replace(",", "").replace("−", "-")
        if not text:
            return self.row["default"]
        try:
            number = float(text)
        except ValueError:
            raise forms.ValidationError(f"“{text}” is not a number. {self._usual()}") from None
        if self.row["type"] == "int" and number != int(number):
            raise forms.ValidationError(f"Must be a whole number. {self._usual()}")
        low, high = self.row["low"], self.row["high"]
        if not (low is None or number >= low) or not (high is None or number <= high):
            raise forms.ValidationError(f"{_range(low, high)}; {self.row['default']:g} is usual.")
        return int(number) if self.row["type"] == "int" else number

    def _usual(self) -> str:
        return f"{self.row['default']:g} is usual."


def _range(low, high) -> str:
    if low is None:
        return f"Must be at most {high:,g}"
    if high is None:
        return f"Must be at least {low:,g}"
    return f"Must lie between {low:,g} and {high:,g}"


def _boolean(row: dict):
    return forms.BooleanField(label=row["name"], help_text=row["help"], required=False)


def _choice(row: dict):
    choices = [(name, name) for name in row["choices"]]
    return forms.ChoiceField(label=row["name"], help_text=row["help"], choices=choices, required=False)


def _text(row: dict):
    return forms.CharField(label=row["name"], help_text=row["help"], required=False)


_FIELDS = {"float": _Number, "int": _Number, "bool": _boolean, "choice": _choice, "text": _text}
