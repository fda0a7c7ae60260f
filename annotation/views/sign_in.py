"""The sign-in page: Django's, with a brake."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError

from annotation.forms.house import dress
from annotation.services import sign_in


class SignInForm(AuthenticationForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        dress(self)

    def clean(self):
        name = self.cleaned_data.get("username") or ""
        attempt = {"address": sign_in.address_of(self.request), "name": name}
        if wait := sign_in.wait_seconds(**attempt):
            minutes = max(1, round(wait / 60))
            raise ValidationError(
                f"Too many tries failed. Wait {minutes} minute{'s' if minutes > 1 else ''}, then try again; "
                "whoever leads your project can set a new password.",
                code="wait",
            )
        try:
            return super().clean()
        except ValidationError:
            sign_in.record_failure(**attempt)
            raise


class SignIn(LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form):
        response = super().form_invalid(form)
        response.status_code = 429 if form.has_error("__all__", code="wait") else 422
        return response
