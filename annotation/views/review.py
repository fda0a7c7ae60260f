"""Items on which people contradict each other, the decision on one, and known answers."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.selectors.review import to_decide
from annotation.services.review import decide, set_gold


@require_safe
def review(request, slug):
    """What waits for a decision, the longest waiting first."""
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    page = {"project": project, "section": "data", **to_decide(project)}
    return render(request, "annotation/review.html", page)


@require_POST
def item_decide(request, slug, pk):
    """`judgment` is the answer that decides."""
    return _with_answer(request, slug, pk, decide, "Decided. Snapshots take this answer in place of the others.")


@require_POST
def item_gold(request, slug, pk):
    """`judgment` is the answer to be known; without it a known answer is taken back."""
    return _with_answer(request, slug, pk, set_gold, "Noted.")


def _with_answer(request, slug, pk, act, said: str):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    number = request.POST.get("judgment", "")
    chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 18 else None
    try:
        act(project, by=request.user, item=pk, judgment=chosen)
        messages.success(request, said)
    except Refused as refusal:
        if refusal.code == "no_item":
            raise Http404(str(refusal)) from None
        messages.warning(request, str(refusal))
    return redirect("annotation:item", slug=slug, pk=pk)
