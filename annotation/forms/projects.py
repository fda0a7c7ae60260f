"""Forms of a project: making one, its settings, its guide."""

from django import forms

from annotation.forms.house import HouseForm, dress
from annotation.interfaces import INTERFACES
from annotation.models import Project
from annotation.services.projects import FIRST_GUIDE

_HELP = {
    "name": "What people call it. The address is made of it and stays.",
    "lease_seconds": "How long an item is held for a page that fell silent, in seconds; 600 is usual.",
    "sitting_goal": "How many items the ruler of a sitting shows; about an hour is good.",
    "pay": "For the cost on the page of progress; empty: no cost is shown.",
    "pay_currency": "As it reads: EUR, USD.",
    "reveal": "When names of models are shown after a comparison's votes.",
}


class SettingsForm(forms.ModelForm):
    class Meta:
        model = Project
        fields = ("name", "description", "lease_seconds", "sitting_goal", "reveal", "pay", "pay_unit", "pay_currency")
        labels = {
            "lease_seconds": "Seconds an item is held",
            "sitting_goal": "Items in a sitting",
            "reveal": "Names are revealed",
            "pay": "Pay",
            "pay_unit": "Pay is for",
            "pay_currency": "Currency",
        }
        widgets = {"description": forms.Textarea({"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        for name, text in _HELP.items():
            self.fields[name].help_text = text
        limits = {"lease_seconds": (30, 86_400), "sitting_goal": (5, 1_000)}
        for name, (low, high) in limits.items():
            if name in self.fields:
                unbounded = self.fields[name]
                self.fields[name] = forms.IntegerField(
                    min_value=low,
                    max_value=high,
                    initial=unbounded.initial,
                    label=unbounded.label,
                    help_text=unbounded.help_text,
                    error_messages={
                        "min_value": f"Must lie between {low:,} and {high:,}.",
                        "max_value": f"Must lie between {low:,} and {high:,}.",
                    },
                )
        dress(self)

    def _post_clean(self):
        """Read only: the service writes, so the instance stays as it was."""

    def changed(self) -> dict:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class ProjectForm(SettingsForm):
    """A new project: its settings, its first task and the first version of its guide."""

    interface = forms.ChoiceField(
        choices=[(way.NAME, f"{way.TITLE}: {way.MEANING}") for way in INTERFACES.values()],
        initial="pairwise",
        label="First task",
        help_text="A project may have several tasks; more are made on its page.",
    )
    question = forms.CharField(
        max_length=200,
        initial="Which reply is better?",
        label="Question",
        help_text="Stands above the answer, the same for every item.",
    )
    hint = forms.CharField(
        max_length=300, required=False, label="Hint", help_text="A line under the question: what counts most."
    )
    overlap = forms.IntegerField(
        min_value=1,
        max_value=50,
        initial=1,
        label="People on each item",
        help_text="1 to 3 is usual. Agreement is known where several people judge the same item.",
        error_messages={"min_value": "Must lie between 1 and 50.", "max_value": "Must lie between 1 and 50."},
    )
    guide = forms.CharField(
        widget=forms.Textarea({"rows": 16}),
        initial=FIRST_GUIDE,
        max_length=50_000,
        label="Guide for annotators",
        help_text="Markdown. Every later change is a new version, and each judgment knows which one it followed.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("pay", "pay_unit", "pay_currency"):  # settled when there is work to pay
            del self.fields[name]

    def task(self) -> dict:
        """What is said of the first task."""
        return {name: self.cleaned_data[name] for name in ("interface", "question", "hint", "overlap")}

    def project(self) -> dict:
        """What is said of the project itself."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.task()}


class GuideForm(HouseForm):
    text = forms.CharField(widget=forms.Textarea({"rows": 24}), max_length=50_000, label="Guide", help_text="Markdown.")
    change_note = forms.CharField(
        max_length=300,
        required=False,
        label="What changed",
        help_text="Annotators see it beside the new version.",
    )
