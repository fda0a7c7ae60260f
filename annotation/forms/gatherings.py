"""The form that asks for more responses: of whom, to what, how many, how sampled, and what becomes of them."""

from django import forms

from annotation.forms.house import HouseForm
from annotation.interfaces import interface
from annotation.models import Project, Prompt, Source
from annotation.selectors import data
from annotation.selectors.gatherings import live_sources, source_words
from annotation.services.gatherings import MOST_EACH
from annotation.services.generation import MOST_PROMPTS


class GatheringForm(HouseForm):
    """`chosen()` is what the service takes. With `prompt` it is about that one prompt."""

    sources = forms.ModelMultipleChoiceField(
        Source.objects.none(),
        label="Models",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one model."},
    )
    prompt_set = forms.ChoiceField(required=False, label="Prompts of")
    count = forms.IntegerField(
        min_value=1,
        max_value=MOST_PROMPTS,
        initial=40,
        label="How many prompts",
        help_text="The first ones of the set.",
    )
    each = forms.IntegerField(min_value=1, max_value=MOST_EACH, initial=2, label="Responses of each model")
    temperature = forms.FloatField(
        min_value=0, max_value=5, initial=1.0, help_text="Higher makes responses differ more; 0 gives the likeliest."
    )
    max_new_tokens = forms.IntegerField(min_value=1, max_value=8192, initial=256, label="Longest response, in tokens")
    task = forms.ModelChoiceField(
        None,
        required=False,
        label="Then judge them in",
        empty_label="Nobody judges them yet",
        help_text="Every two become a pair, or all of a prompt stand together, as the task takes them.",
    )

    def __init__(self, *args, project: Project, prompt: Prompt | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.project, self.prompt = project, prompt
        self.fields["sources"].queryset = Source.objects.filter(pk__in=[row.pk for row in live_sources(project)])
        self.fields["sources"].label_from_instance = source_words
        tasks = [task.pk for task in project.tasks.all() if interface(task.interface).COMPLETIONS[1] > 0]
        self.fields["task"].queryset = project.tasks.filter(pk__in=tasks)
        if prompt is not None:
            del self.fields["prompt_set"], self.fields["count"]
            return
        sets = data.prompt_sets(project)
        named = [(name, f"{name} ({count:,})") for name, count in sets.items()]
        self.fields["prompt_set"].choices = [("", "All prompts"), *named]

    @property
    def empty(self) -> bool:
        """Nobody there who could answer."""
        return not self.fields["sources"].queryset.exists()

    def chosen(self) -> dict:
        said = self.cleaned_data
        return {
            "sources": list(said["sources"].order_by("pk")),
            "prompts": [self.prompt] if self.prompt else self._prompts(),
            "each": said["each"],
            "sampling": {"temperature": said["temperature"], "max_new_tokens": said["max_new_tokens"]},
            "task": said["task"],
        }

    def _prompts(self) -> list[Prompt]:
        rows = Prompt.objects.filter(project=self.project, published=True).order_by("pk")
        if self.cleaned_data["prompt_set"]:
            rows = rows.filter(prompt_set=self.cleaned_data["prompt_set"])
        return list(rows[: self.cleaned_data["count"]])
