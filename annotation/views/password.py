"""Changing one's password: Django's view, in the house's form."""

from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView

from annotation.forms.house import dress


class HousePasswordForm(PasswordChangeForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["new_password1"].help_text = "Ten characters or more, not a common one and not only digits."
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].help_text = ""
        dress(self)


class ChangePassword(PasswordChangeView):
    form_class = HousePasswordForm

    def form_invalid(self, form):
        response = super().form_invalid(form)
        response.status_code = 422
        return response
