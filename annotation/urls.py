"""The app's addresses."""

from django.urls import path

from annotation.views import home, tokens

app_name = "annotation"
urlpatterns = [
    path("", home.home, name="home"),
    path("p/<slug:slug>/tokens/", tokens.token_list, name="tokens"),
    path("p/<slug:slug>/tokens/<slug:key>/revoke/", tokens.token_revoke, name="token-revoke"),
]
