"""The editor of a constitution: its name and a row of fields a principle."""

from typing import ClassVar

from django import forms

from annotation.forms.house import HouseForm
from annotation.judging.principles import CRITIQUE, MOST, REVISION, Principle

BLANK = 2  # rows that wait to be filled in


class ConstitutionForm(HouseForm):
    name = forms.CharField(max_length=80)
    description = forms.CharField(max_length=300, required=False, help_text="What it is for.")
    change_note = forms.CharField(max_length=300, required=False, label="What changed")


class PrincipleForm(HouseForm):
    key = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    text = forms.CharField(
        required=False,
        max_length=2000,
        label="Principle",
        widget=forms.Textarea({"rows": 2}),
        help_text="As an instruction: “Choose the answer that …”. Empty it to take the principle out.",
    )
    weight = forms.FloatField(
        required=False, min_value=0.01, max_value=100, initial=1, help_text="How often it is drawn, against the others."
    )
    tags = forms.CharField(
        required=False, max_length=200, help_text="Separated by commas; a tag may be a category of prompts."
    )
    critique = forms.CharField(
        required=False,
        max_length=2000,
        label="Critique request",
        widget=forms.Textarea({"rows": 2, "placeholder": CRITIQUE}),
    )
    revision = forms.CharField(
        required=False,
        max_length=2000,
        label="Revision request",
        widget=forms.Textarea({"rows": 2, "placeholder": REVISION}),
    )


class PrincipleRows(forms.BaseFormSet):
    """Rows of principles; `rows()` is what the services take."""

    default_error_messages: ClassVar = {
        "missing_management_form": "The rows of principles are missing from what was sent. Load the page again.",
        "too_many_forms": f"At most {MOST} principles, please: nobody reads more.",
    }

    def add_fields(self, form, index) -> None:
        """Numbered, and explained once: a page of the same help twenty times is read by nobody."""
        super().add_fields(form, index)
        form.fields["text"].label = f"Principle {(index or 0) + 1}"
        if index:
            for name in ("text", "weight", "tags"):
                form.fields[name].help_text = ""

    def rows(self) -> list[dict]:
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("text")]

    @classmethod
    def of(cls, data=None, *, principles: list[Principle] = (), more: int = 0) -> "PrincipleRows":
        """The rows that were posted, or those of a version; with blank ones behind them."""
        make = forms.formset_factory(PrincipleForm, formset=cls, extra=BLANK, max_num=MOST, absolute_max=2 * MOST)
        if data is None:
            told = [one.as_dict() | {"tags": ", ".join(one.tags)} for one in principles]
            return make(initial=told, prefix="principles")
        if more:
            data = data.copy()
            data["principles-TOTAL_FORMS"] = str(int(data.get("principles-TOTAL_FORMS", 0)) + more)
        return make(data, prefix="principles")
