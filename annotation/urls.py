"""The app's addresses."""

from django.urls import path

from annotation.views import home, label, sittings, tokens, work

app_name = "annotation"
urlpatterns = [
    path("", home.home, name="home"),
    path("work/", work.work, name="work"),
    path("p/<slug:slug>/label/", label.label, name="label"),
    path("p/<slug:slug>/label/next/", label.next_pair, name="label-next"),
    path("p/<slug:slug>/label/answer/", label.answer, name="label-answer"),
    path("p/<slug:slug>/label/undo/", label.undo, name="label-undo"),
    path("p/<slug:slug>/label/beat/", label.beat, name="label-beat"),
    path("p/<slug:slug>/label/answers/", label.answers, name="label-answers"),
    path("p/<slug:slug>/label/answered/", label.answered, name="label-answered"),
    path("p/<slug:slug>/label/end/", label.end, name="label-end"),
    path("p/<slug:slug>/sittings/<int:pk>/", sittings.sitting, name="sitting"),
    path("p/<slug:slug>/tokens/", tokens.token_list, name="tokens"),
    path("p/<slug:slug>/tokens/<slug:key>/revoke/", tokens.token_revoke, name="token-revoke"),
]
