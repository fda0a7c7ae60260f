"""The form of an export."""

from django import forms

from annotation.forms.house import HouseForm
from annotation.models import Export


class ExportForm(HouseForm):
    """`names`: whether this reader may see who judged."""

    form = forms.ChoiceField(
        choices=Export.Form.choices, initial=Export.Form.JSONL, label="Written as", widget=forms.RadioSelect
    )
    people = forms.BooleanField(
        required=False,
        label="With names",
        help_text="Otherwise persons stand there by number.",
    )

    def __init__(self, *args, names: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not names:
            del self.fields["people"]

    def values(self) -> dict:
        return {"form": self.cleaned_data["form"], "people": self.cleaned_data.get("people", False)}
