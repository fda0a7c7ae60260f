"""The form that puts prompts into a task that takes no responses."""

from django import forms

from annotation.forms.house import HouseForm
from annotation.models import Project
from annotation.selectors import data


class TopicsForm(HouseForm):
    topics = forms.CharField(
        required=False,
        widget=forms.Textarea({"rows": 6}),
        label="Topics",
        help_text="One to a line. Each becomes an item of its own.",
        max_length=200_000,
    )
    prompt_set = forms.ChoiceField(required=False, label="Or the prompts of", help_text="Those not there already.")
    system = forms.CharField(
        required=False,
        widget=forms.Textarea({"rows": 3}),
        label="System turn",
        help_text="Given to the models before each of the topics above; annotators see it.",
        max_length=20_000,
    )

    def __init__(self, *args, project: Project, **kwargs):
        super().__init__(*args, **kwargs)
        sets = [(name, f"{name} ({count:,})") for name, count in data.prompt_sets(project).items()]
        self.fields["prompt_set"].choices = [("", "none"), *sets]

    def clean(self):
        said = super().clean()
        if not (said.get("topics") or said.get("prompt_set") or said.get("system")):
            self.add_error("topics", "Type at least one topic, or choose a prompt set.")
        return said
