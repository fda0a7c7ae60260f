"""Forms about people: inviting, roles, joining."""

from django import forms
from django.contrib.auth.forms import UserCreationForm

from annotation.forms.house import HouseForm, dress
from annotation.models import Role

ROLE_HELP = {
    Role.LEAD: "Everything of the project, with names.",
    Role.RESEARCHER: "Data, runs and comparisons; raters by pseudonym.",
    Role.ANNOTATOR: "Judges; sees own work only.",
    Role.VIEWER: "Aggregates and curves; no people, no export.",
}


class InvitationForm(HouseForm):
    role = forms.ChoiceField(choices=Role.choices, initial=Role.ANNOTATOR)
    note = forms.CharField(
        max_length=120,
        required=False,
        label="For whom",
        help_text="A note to yourself; the list shows it until the link is used.",
    )
    days = forms.TypedChoiceField(
        choices=[(1, "1 day"), (7, "7 days"), (30, "30 days")], coerce=int, initial=7, label="Link works for"
    )


class RoleForm(HouseForm):
    role = forms.ChoiceField(choices=Role.choices)


class JoinForm(UserCreationForm):
    """A new person chooses a user name and a password."""

    class Meta(UserCreationForm.Meta):
        fields = ("username",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["username"].help_text = "Letters, digits and @ . + - _. Leads of your projects see it."
        self.fields["password1"].help_text = "Ten characters or more, not a common one and not only digits."
        self.fields["password2"].help_text = ""
        self.fields["password2"].label = "Password again"
        dress(self)
