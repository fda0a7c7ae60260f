"""Items of a rubric: which are hard to score, how that changed, and splitting one into verifiable parts."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from annotation.access import Permission
from annotation.errors import Refused
from annotation.forms import rubrics as forms
from annotation.models import RubricScore
from annotation.pages import page_or_part
from annotation.rubric_document import VERIFIABLE
from annotation.selectors import rubric_confidence
from annotation.services import rubrics as services
from annotation.views.rubrics import FORM, page_of, rubric_for, version_or_404

PARTS = 3
MOST_PARTS = 12
SCORERS = [(kind, title) for kind, title in RubricScore.Scorer.choices if kind != "verifier"]


@require_safe
def rubric_review(request, slug, pk):
    """`?scorer=person` counts only what people gave."""
    rubric = rubric_for(request, slug, pk, Permission.PROJECT_VIEW)
    version = version_or_404(rubric)
    scorer = request.GET.get("scorer", "")
    scorer = scorer if scorer in dict(SCORERS) else ""
    found = rubric_confidence.histories(version, scorer=scorer)
    page = page_of(
        rubric,
        version=version,
        histories=found,
        doubtful=sum(history.now.doubtful for history in found),
        scorer=scorer,
        scorers=SCORERS,
        least=rubric_confidence.LEAST,
        low=rubric_confidence.LOW,
    )
    return page_or_part(request, "annotation/rubrics/review.html", {"review": lambda: page})


@FORM
def rubric_split(request, slug, pk, item_key: UUID):
    """An item becomes parts that share its weight; the last one, prefilled, is what stays non-verifiable."""
    rubric = rubric_for(request, slug, pk, Permission.DATA_MANAGE)
    newest = version_or_404(rubric)
    item = next((one for category in newest.categories.all() for one in category.items.all()
                 if one.key == item_key and not one.retired), None)  # fmt: skip
    if item is None:
        raise Http404("The newest version has no such item.")
    parts = [{"text": "", "kind": VERIFIABLE, "share": 1} for _ in range(PARTS - 1)]
    parts.append({"text": item.text, "kind": item.kind, "verifier": item.verifier, "options": item.options,
                  "critique_prompt": item.critique_prompt, "share": 1})  # fmt: skip
    note, problems, refusal, status = "", [], None, 200
    if request.method == "POST":
        parts, note = _parts(request.POST), request.POST.get("note", "")
        if request.POST.get("do") == "add-part":
            parts = [*parts, {"text": "", "kind": VERIFIABLE, "share": 1, "fresh": True}][:MOST_PARTS]
        else:
            try:
                version = services.split_item(
                    rubric,
                    by=request.user,
                    key=str(item_key),
                    note=note,
                    parts=[_kept(part) for part in parts if part["text"]],
                )
            except Refused as refused:
                problems, refusal, status = refused.problems, refused, refused.status
            else:
                messages.success(
                    request, f"Version {version.number}: the item is retired, its parts are scored from now on."
                )
                return redirect("annotation:rubric", slug=slug, pk=pk)
    page = page_of(
        rubric,
        newest=newest,
        item=item,
        parts=[forms.item_row(part, f"p{at}-") for at, part in enumerate(parts)],
        note=note,
        problems=problems,
        refusal=refusal,
    )
    return page_or_part(request, "annotation/rubrics/split.html", {"editor": lambda: page}, status=status)


def _parts(post) -> list[dict]:
    found = []
    for at in range(MOST_PARTS):
        if f"p{at}-text" in post:
            part = forms.read_item(post, f"p{at}-")
            found.append({**part, "text": part["text"].strip(), "share": post.get(f"p{at}-share") or 1})
    return found


def _kept(part: dict) -> dict:
    """What of the fields makes a part: key, parent and weight come from the item."""
    names = ("text", "kind", "verifier", "options", "critique_prompt", "share")
    return {name: part[name] for name in names if name in part}
