"""Small forms about models: register one, collect labels on one."""

from django import forms

from annotation.forms.house import HouseForm
from training.models import Checkpoint
from training.selectors.checkpoints import prompt_sets

MOST_PROMPTS = 2000


class ModelForm(forms.Form):
    name = forms.CharField(max_length=200, label="Name", help_text="People choose it by this name.")
    path = forms.CharField(
        max_length=500, label="Folder or hub name", help_text="A folder on the server with safetensors, or owner/model."
    )
    kind = forms.ChoiceField(choices=Checkpoint.Kind, initial=Checkpoint.Kind.POLICY, label="What it is")


class CollectForm(forms.Form):
    """Which prompts, and how many of them."""

    def __init__(self, project, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.sets = prompt_sets(project)
        choices = [(name, f"{name or 'no set'} · {count:,} prompts") for name, count in self.sets]
        self.fields["prompt_set"] = forms.ChoiceField(choices=choices, required=False, label="Prompts of")
        self.fields["count"] = forms.IntegerField(min_value=1, max_value=MOST_PROMPTS, initial=40, label="How many")
        self.fields["temperature"] = forms.FloatField(
            min_value=0.05, max_value=5, initial=1.0, label="Temperature", help_text="Higher makes pairs differ more."
        )


class EnsembleForm(HouseForm):
    """Two or more reward models of the project."""

    models = forms.ModelMultipleChoiceField(
        queryset=Checkpoint.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        label="Reward models",
        help_text="Two to five of different seeds; more cost more scoring and tell little more.",
    )

    def __init__(self, project, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rewards = Checkpoint.objects.filter(project=project, kind=Checkpoint.Kind.REWARD).order_by("-pk")
        self.fields["models"].queryset = rewards
        self.fields["models"].label_from_instance = lambda checkpoint: checkpoint.name
