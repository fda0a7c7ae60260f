"""The URL table: one include an app, the API beside the pages."""

from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.decorators.http import require_http_methods

from alignment_site.health import healthz
from annotation.views.password import ChangePassword
from annotation.views.sign_in import SignIn

handler400 = "alignment_site.errors.bad_request"
handler403 = "alignment_site.errors.permission_denied"
handler404 = "alignment_site.errors.not_found"
handler500 = "alignment_site.errors.server_error"

form = require_http_methods(["GET", "HEAD", "POST"])
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/", include("alignment_site.api")),
    path("accounts/login/", form(SignIn.as_view()), name="login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("accounts/password/", form(ChangePassword.as_view()), name="password_change"),
    path("accounts/password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("", include("evaluation.urls")),
    path("", include("training.urls")),
    path("", include("annotation.urls")),
]
