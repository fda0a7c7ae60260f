"""Forms of a task: what every way to label asks, and the settings of its own way, drawn from their declaration."""

import dataclasses

from django import forms

from annotation.forms.house import HouseForm, dress
from annotation.interfaces import INTERFACES, interface
from annotation.models import Task
from annotation.selectors.gatherings import live_sources, source_words

PREFIX = "setting-"
_OVERLAP = {"min_value": "Must lie between 1 and 50.", "max_value": "Must lie between 1 and 50."}


class NewTaskForm(HouseForm):
    interface = forms.ChoiceField(
        choices=lambda: [(way.NAME, f"{way.TITLE}: {way.MEANING}") for way in INTERFACES.values()],
        widget=forms.RadioSelect,
        label="Way to label",
    )
    title = forms.CharField(max_length=60, label="Title", help_text="What annotators see, such as “Safety pairs”.")


class TaskForm(HouseForm):
    """`values()` is what services.tasks takes."""

    title = forms.CharField(max_length=120)
    question = forms.CharField(max_length=200, help_text="Stands above the answer, the same for every item.")
    hint = forms.CharField(max_length=300, required=False, help_text="A line under the question: what counts most.")
    overlap = forms.IntegerField(
        min_value=1,
        max_value=50,
        label="People on each item",
        help_text="1 to 3 is usual. Agreement is known where several people judge the same item.",
        error_messages=_OVERLAP,
    )
    overlap_most = forms.IntegerField(
        min_value=1,
        max_value=50,
        required=False,
        label="At most, where they disagree",
        help_text="Further people are asked about items on which answers differ. Empty: nobody.",
        error_messages=_OVERLAP,
    )
    order = forms.ChoiceField(choices=Task.Order.choices)
    random_share = forms.FloatField(
        min_value=0, max_value=1, label="Share kept random", help_text="In a chosen order, so that figures stay fair."
    )
    gold_share = forms.FloatField(min_value=0, max_value=1, label="Share of gold items")
    repeat_share = forms.FloatField(min_value=0, max_value=1, label="Share of hidden repeats")
    deadline = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    closed = forms.BooleanField(required=False, label="Closed: nothing is handed out")

    def __init__(self, data=None, *, task: Task, **kwargs):
        way = interface(task.interface)
        settings = way.settings(task.settings)
        initial = {name: getattr(task, name) for name in self.base_fields}
        initial |= {f"{PREFIX}{name}": _shown(value) for name, value in vars(settings).items()}
        super().__init__(data, initial=initial, **kwargs)
        self.hidden = {}
        for field in dataclasses.fields(way.Settings):
            if field.metadata.get("hidden"):  # made elsewhere, and kept as it is
                self.hidden[field.name] = task.settings.get(field.name)
            else:
                self.fields[f"{PREFIX}{field.name}"] = _field(field)
        for name in getattr(way, "SOURCES", ()):
            self.fields[f"{PREFIX}{name}"] = _source(self.fields[f"{PREFIX}{name}"], task)
        self.own = [name for name in self.fields if name.startswith(PREFIX)]
        dress(self)

    @property
    def settings_fields(self):
        return [self[name] for name in self.own]

    def values(self) -> dict:
        said = self.cleaned_data
        settings = self.hidden | {name.removeprefix(PREFIX): said[name] for name in self.own}
        return {name: value for name, value in said.items() if name not in self.own} | {"settings": settings}

    def refuse(self, refusal) -> None:
        for problem in getattr(refusal, "problems", None) or []:
            name = problem["path"].replace("settings.", PREFIX)
            self.add_error(name if name in self.fields else None, problem["message"])
        if not self.errors:
            super().refuse(refusal)


def _source(field: forms.Field, task: Task) -> forms.Field:
    """A choice among the models that answer, in the place of a text field."""
    living = [(str(source.uid), source_words(source)) for source in live_sources(task.project)]
    return forms.ChoiceField(
        required=False, choices=[("", "none"), *living], label=field.label, help_text=field.help_text
    )


def _shown(value):
    return "\n".join(value) if isinstance(value, tuple) else value


def _field(field: dataclasses.Field) -> forms.Field:
    """The form field of a declared setting."""
    facts, default = field.metadata, field.default
    told = {"label": facts["title"], "help_text": facts["meaning"]}
    if isinstance(default, bool):
        return forms.BooleanField(required=False, **told)
    if facts["choices"]:
        coerce = type(default)
        return forms.TypedChoiceField(choices=list(facts["choices"].items()), coerce=coerce, **told)
    if isinstance(default, tuple):
        return forms.CharField(required=False, widget=forms.Textarea({"rows": 3}), **told)
    if isinstance(default, int | float):
        kind = forms.IntegerField if isinstance(default, int) else forms.FloatField
        return kind(min_value=facts["low"], max_value=facts["high"], **told)
    return forms.CharField(required=False, max_length=2000, **told)
