"""Capture keys of a project: make one, see it once, revoke it."""

from django import forms
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.house import HouseForm
from annotation.services import capture


class CaptureKeyForm(HouseForm):
    name = forms.CharField(max_length=80, help_text="The product that sends, such as “help desk”.")
    origins = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        help_text="Where pages may send from, one a line, such as https://app.example.org. Empty: servers only.",
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def capture_keys(request, slug):
    project = project_for(request.user, slug, Permission.PROJECT_MANAGE)
    form, secret = CaptureKeyForm(request.POST or None), ""
    if form.is_valid():
        try:
            _, secret = capture.create_key(project, by=request.user, **form.cleaned_data)
            form = CaptureKeyForm()
        except Refused as refusal:
            form.add_error("origins", str(refusal))
    page = {"project": project, "section": "projects", "form": form, "secret": secret}
    page["keys"] = project.capture_keys.order_by("revoked_at", "-pk")
    return render(request, "annotation/capture.html", page, status=422 if form.errors else 200)


@require_POST
def capture_revoke(request, slug, pk):
    project = project_for(request.user, slug, Permission.PROJECT_MANAGE)
    capture.revoke_key(get_object_or_404(project.capture_keys, pk=pk), by=request.user)
    return redirect("annotation:capture", slug=slug)
