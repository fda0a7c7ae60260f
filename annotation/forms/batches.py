"""The form of a batch."""

from django import forms

from annotation.forms.house import HouseForm


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date", "class": "input"})


class BatchForm(HouseForm):
    title = forms.CharField(max_length=120, help_text="Such as “week 3”.")
    since = forms.DateField(
        required=False, label="First day", widget=forms.DateInput({"type": "date", "class": "input"})
    )
    until = forms.DateField(
        required=False, label="Last day", widget=forms.DateInput({"type": "date", "class": "input"})
    )
    note = forms.CharField(required=False, max_length=300, help_text="What was different: a new guide, new people.")

    def clean(self):
        told = super().clean()
        if told.get("since") and told.get("until") and told["until"] < told["since"]:
            self.add_error("until", "The last day lies before the first.")
        return told
