"""The form that changes many items: what to do, and what that needs."""

from django import forms

from annotation.forms.house import HouseForm
from annotation.models import Block, BulkChange

MADE_BY_LEADS = {BulkChange.Action.ASSIGN}


class ChangeForm(HouseForm):
    """`people`: (user id, name) of those who label here; empty where the reader may not see names."""

    action = forms.ChoiceField(label="Do", choices=BulkChange.Action.choices)
    priority = forms.IntegerField(required=False, min_value=-1000, max_value=1000, label="Priority", initial=10)
    batch = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label="Batch")
    new_batch = forms.CharField(required=False, max_length=120, label="Or a new batch")
    title = forms.CharField(required=False, max_length=120, label="Name of the block")
    people = forms.TypedMultipleChoiceField(
        required=False, coerce=int, label="People", widget=forms.CheckboxSelectMultiple
    )
    share = forms.ChoiceField(required=False, choices=Block.Share.choices, initial="split", label="Who judges what")
    deadline = forms.DateTimeField(
        required=False,
        label="Until",
        help_text="Then what is left goes back to everybody.",
        widget=forms.DateTimeInput({"type": "datetime-local", "class": "input"}),
    )

    def __init__(self, *args, batches: list, people: list, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["batch"].choices = [("", "choose"), *batches]
        self.fields["people"].choices = people
        if not people:
            actions = [row for row in BulkChange.Action.choices if row[0] not in MADE_BY_LEADS]
            self.fields["action"].choices = actions
            for name in ("title", "people", "share", "deadline"):
                del self.fields[name]

    def clean(self):
        told = super().clean()
        action = told.get("action")
        if action == BulkChange.Action.PRIORITY and told.get("priority") is None and "priority" not in self.errors:
            self.add_error("priority", "Say which priority, from -1000 to 1000; higher comes first.")
        if action == BulkChange.Action.BATCH and not (told.get("batch") or told.get("new_batch")):
            self.add_error("batch", "Choose a batch, or name a new one.")
        if action == BulkChange.Action.ASSIGN and not told.get("people"):
            self.add_error("people", "Choose at least one person.")
        return told

    def options(self) -> dict:
        """What the action takes, but for a batch that is still to be made."""
        wanted = {"priority": ["priority"], "batch": ["batch"], "assign": ["title", "people", "share", "deadline"]}
        names = wanted.get(self.cleaned_data["action"], [])
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name) not in (None, "")}
