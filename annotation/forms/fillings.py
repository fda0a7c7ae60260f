"""The form that fills a task with completions that are there."""

from django import forms

from annotation.forms.house import HouseForm
from annotation.grouping import GROUPINGS, groupings
from annotation.interfaces import interface
from annotation.models import Task
from annotation.selectors import data
from annotation.selectors.fillings import Choice, sources_of


class FillingForm(HouseForm):
    """`choice()` is what the service takes."""

    grouping = forms.ChoiceField(label="How they stand together", widget=forms.RadioSelect)
    first = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label="First source")
    second = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label="Second source")
    prompt_set = forms.ChoiceField(required=False, label="Prompt set")
    category = forms.ChoiceField(required=False)
    sources = forms.TypedMultipleChoiceField(
        coerce=int, required=False, label="Written by", widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: by anybody.",
    )  # fmt: skip
    limit = forms.IntegerField(
        min_value=1, max_value=1000, required=False, label="At most, of one prompt",
        help_text="Empty: as many as there are.",
    )  # fmt: skip

    def __init__(self, *args, task: Task, **kwargs):
        super().__init__(*args, **kwargs)
        there = groupings(*interface(task.interface).COMPLETIONS)
        self.fields["grouping"].choices = [(name, GROUPINGS[name]) for name in there]
        self.initial.setdefault("grouping", there[0] if there else "")
        written = [(source.pk, f"{source.name} ({number:,})") for source, number in sources_of(task.project)]
        self.fields["sources"].choices = written
        for name in ("first", "second"):
            self.fields[name].choices = [("", "–"), *written]
            if "two" not in there:
                del self.fields[name]
        self._offer("prompt_set", data.prompt_sets(task.project))
        self._offer("category", data.categories(task.project))

    def _offer(self, name: str, found: dict[str, int]) -> None:
        self.fields[name].choices = [("", "All"), *((key, f"{key} ({number:,})") for key, number in found.items())]

    def choice(self) -> Choice:
        said = self.cleaned_data
        return Choice(
            grouping=said["grouping"],
            prompt_set=said["prompt_set"],
            category=said["category"],
            sources=tuple(said["sources"]),
            first=said.get("first"),
            second=said.get("second"),
            limit=said["limit"] or 0,
        )
