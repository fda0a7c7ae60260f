"""The URL table: one include an app, the API beside the pages."""

from django.contrib.auth import views as auth
from django.urls import include, path

from alignment_site.health import healthz
from annotation.views.sign_in import SignIn

handler400 = "alignment_site.errors.bad_request"
handler403 = "alignment_site.errors.permission_denied"
handler404 = "alignment_site.errors.not_found"
handler500 = "alignment_site.errors.server_error"

FORM = ["get", "head", "post"]
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/", include("alignment_site.api")),
    path("accounts/login/", SignIn.as_view(), name="login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("accounts/password/", auth.PasswordChangeView.as_view(http_method_names=FORM), name="password_change"),
    path("accounts/password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("", include("evaluation.urls")),
    path("", include("training.urls")),
    path("", include("annotation.urls")),
]
