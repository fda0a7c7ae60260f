"""API tokens of a project: make one, see its secret once, revoke."""

from django import forms
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotation.access import Permission, project_for
from annotation.selectors.tokens import tokens_of
from annotation.services import tokens

LIFETIMES = [("", "Until it is revoked"), ("7", "7 days"), ("90", "90 days"), ("365", "One year")]


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=80,
        help_text="What it is for, such as “nightly import”.",
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        choices=LIFETIMES,
        coerce=int,
        empty_value=None,
        required=False,
        label="Valid for",
        widget=forms.Select({"class": "input"}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request, slug):
    project = project_for(request.user, slug, Permission.MEMBER)
    form = TokenForm(request.POST or None)
    secret = ""
    if form.is_valid():
        _, secret = tokens.create_token(project, by=request.user, **form.cleaned_data)
        form = TokenForm()
    page = {"project": project, "tokens": tokens_of(project, request.user), "form": form, "secret": secret}
    return render(request, "annotation/tokens.html", page, status=422 if form.errors else 200)


@require_POST
def token_revoke(request, slug, key):
    project = project_for(request.user, slug, Permission.MEMBER)
    tokens.revoke_token(get_object_or_404(tokens_of(project, request.user), token_key=key), by=request.user)
    return redirect("annotation:tokens", slug=slug)
