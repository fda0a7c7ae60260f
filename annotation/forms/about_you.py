"""What somebody says of themselves; every field may stay empty."""

from django import forms

from annotation.about_you import FIELDS
from annotation.forms.house import dress
from annotation.models import SelfDescription


class AboutYouForm(forms.ModelForm):
    class Meta:
        model = SelfDescription
        fields = list(FIELDS)

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, (title, choices) in FIELDS.items():
            self.fields[name] = forms.ChoiceField(
                choices=[("", "I would rather not say"), *choices.items()], label=title, required=False
            )
        dress(self)
