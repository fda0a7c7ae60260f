"""Blocks of work as a lead sees them; they are made in the browser of items."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.selectors.blocks import blocks_of
from annotation.services import blocks


@require_safe
def block_list(request, slug):
    project = project_for(request.user, slug, Permission.PEOPLE)
    page = {"project": project, "section": "progress", "blocks": blocks_of(project)}
    return render(request, "annotation/blocks.html", page)


@require_POST
def block_release(request, slug, pk):
    project = project_for(request.user, slug, Permission.PEOPLE)
    try:
        count = blocks.release_block(project=project, block=pk, by=request.user)
        messages.success(request, f"{count:,} items are everybody's again.")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("annotation:blocks", slug=slug)
