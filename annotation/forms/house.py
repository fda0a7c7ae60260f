"""How our forms look: every text field is an `.input`; errors and help are tied to their field by Django."""

from django import forms

_INPUTS = (forms.TextInput, forms.Textarea, forms.Select, forms.NumberInput, forms.PasswordInput, forms.DateInput)


class HouseForm(forms.Form):
    """A plain form in the house style. Render fields with components/field.html."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        dress(self)

    def refuse(self, refusal) -> None:
        """Show a service's refusal where the reader looks: at its field if it names one, else above the form."""
        self.add_error(None, str(refusal))


def dress(form: forms.BaseForm) -> None:
    for field in form.fields.values():
        if isinstance(field.widget, _INPUTS) and not isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect):
            field.widget.attrs.setdefault("class", "input")
