"""The door behind an invitation link: for somebody new, or for somebody who is signed in."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotation.errors import Refused
from annotation.forms.people import JoinForm
from annotation.services import people


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request, token):
    invitation = people.invitation_for(token)
    if invitation is None:
        return render(request, "annotation/join.html", {"gone": True}, status=410)
    signed_in = request.user.is_authenticated
    form = None if signed_in else JoinForm(request.POST or None)
    status = 200
    if request.method == "POST" and (signed_in or form.is_valid()):
        try:
            return _enter(request, token, form)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return render(request, "annotation/join.html", {"gone": True}, status=refusal.status)
    if form is not None and form.errors:
        status = 422
    # Not `project`: the bar would show its pages to somebody who does not belong to it yet.
    page = {"invitation": invitation, "form": form}
    return render(request, "annotation/join.html", page, status=status)


def _enter(request, token, form):
    if form is None:
        membership = people.accept(token, by=request.user)
    else:
        chosen = form.cleaned_data
        membership = people.join_as_new(token, username=chosen["username"], password=chosen["password1"])
        login(request, membership.user, backend="django.contrib.auth.backends.ModelBackend")
    messages.success(request, f"Welcome to {membership.project.name}.")
    return redirect("annotation:project", slug=membership.project.slug)
