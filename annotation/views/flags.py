"""Looking at a flagged item: back into its queue, or out for good."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.models import Item
from annotation.services.items import look_at_flag


@require_POST
def flag_seen(request, slug, pk):
    """`decision` is `back` or `out`; anything else changes nothing."""
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    if not Item.objects.filter(project=project, pk=pk).exists():
        raise Http404("There is no such item in this project.")
    decision = request.POST.get("decision")
    try:
        if decision not in ("back", "out"):
            raise Refused("Choose whether the item goes back into its queue or stays out.", code="decision")
        look_at_flag(project, by=request.user, item=pk, keep_out=decision == "out")
        said = "It waits in its queue again." if decision == "back" else "It stays out; nobody is asked about it again."
        messages.success(request, said)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("annotation:item", slug=slug, pk=pk)
