"""The people of a project: invite by link, change a role, remove."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.people import ROLE_HELP, InvitationForm, RoleForm
from annotation.models import Role
from annotation.numbers import whole_number
from annotation.selectors.people import members, open_invitations
from annotation.services import blocks, people


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people_page(request, slug):
    project = project_for(request.user, slug, Permission.PEOPLE)
    form, link = InvitationForm(request.POST or None), ""
    if form.is_valid():
        _, token = people.invite(project, by=request.user, **form.cleaned_data)
        link = request.build_absolute_uri(reverse("annotation:join", args=[token]))
        form = InvitationForm()
    page = {
        "project": project,
        "section": "projects",
        "members": members(project),
        "invitations": open_invitations(project),
        "roles": [(role.value, role.label, ROLE_HELP[role]) for role in Role],
        "form": form,
        "link": link,
    }
    return render(request, "annotation/people.html", page, status=422 if form.errors else 200)


def _member(request, slug, pk):
    project = project_for(request.user, slug, Permission.PEOPLE)
    return get_object_or_404(project.memberships.select_related("user"), pk=pk)


@require_POST
def member_role(request, slug, pk):
    member, form = _member(request, slug, pk), RoleForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused("Choose one of the roles.")
        people.change_role(member, by=request.user, role=form.cleaned_data["role"])
        messages.success(request, f"{member.user.username} is {member.get_role_display().lower()} now.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(request, slug)


@require_POST
def member_remove(request, slug, pk):
    member = _member(request, slug, pk)
    try:
        people.remove(member, by=request.user)
        messages.success(request, f"{member.user.username} was removed. What they judged stays.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(request, slug)


@require_POST
def member_pause(request, slug, pk):
    """`state` is `paused` or anything else: hand the person nothing new, or items again."""
    member = _member(request, slug, pk)
    name, pausing = member.user.username, request.POST.get("state") == "paused"
    try:
        (people.pause if pausing else people.resume)(member, by=request.user)
        messages.success(request, f"{name} is handed {'nothing new' if pausing else 'items again'}.")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return _back(request, slug)


@require_POST
def member_hand_over(request, slug, pk):
    """What is reserved for the person goes to `to` (a membership), or back to everybody where that is empty."""
    member, to = _member(request, slug, pk), whole_number(request.POST.get("to"))
    try:
        if to:
            other = get_object_or_404(member.project.memberships.select_related("user"), pk=to)
            count = blocks.reassign(member, to=other, by=request.user)
            messages.success(request, f"{count:,} items of {member.user.username} are {other.user.username}'s now.")
        else:
            count = blocks.take_back(member, by=request.user)
            messages.success(request, f"{count:,} items of {member.user.username} are everybody's again.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(request, slug)


@require_POST
def invitation_withdraw(request, slug, pk):
    project = project_for(request.user, slug, Permission.PEOPLE)
    try:
        people.withdraw_invitation(get_object_or_404(project.invitations, pk=pk), by=request.user)
        messages.success(request, "The link no longer works.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(request, slug)


def _back(request, slug):
    """To the list; a lead who is none any more, or has left, to the projects."""
    still = request.user.memberships.filter(project__slug=slug, role=Role.LEAD).exists()
    return redirect("annotation:people", slug=slug) if still else redirect("annotation:home")
