"""The browser of items: filters, full-text search, and changes of all that pass."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.items import ChangeForm
from annotation.item_filters import SCOPES, STATES, ItemFilter
from annotation.models import BulkChange, Item
from annotation.numbers import whole_number
from annotation.pages import page_or_part
from annotation.queues import title_of
from annotation.selectors import browse, data, people
from annotation.services import batches, bulk, search
from annotation.views.data import told_for

STILL_KNOWN = {"put_aside": "flagged", "judged": "done"}  # addresses of earlier versions
FRESHEN_SECONDS = 0.2


def _asked(query: QueryDict) -> tuple[ItemFilter, str]:
    """The filter of an address, and what is wrong with it (then it lets everything pass)."""
    known = {name: query[name] for name in ItemFilter.__dataclass_fields__ if query.get(name)}
    known["state"] = STILL_KNOWN.get(known.get("state", ""), known.get("state", ""))
    try:
        return ItemFilter.read(known), ""
    except ValueError as fault:
        return ItemFilter(), str(fault)


@require_safe
def items(request, slug):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    wanted, problem = _asked(request.GET)
    if wanted.search or wanted.tag:
        search.freshen(seconds=FRESHEN_SECONDS)
    return page_or_part(
        request,
        "annotation/items.html",
        {"items": lambda: _list(request, project, wanted, problem)},
        status=422 if problem else 200,
    )


def _list(request, project, wanted: ItemFilter, problem: str = "", form: ChangeForm | None = None) -> dict:
    found, older, newer = browse.page_of(
        project,
        wanted,
        before=whole_number(request.GET.get("before")),
        after=whole_number(request.GET.get("after")),
    )
    count, more = browse.count_of(project, wanted)
    asked = wanted.as_dict()
    offered = browse.choices(project, names=Permission.PEOPLE.name in project.may)
    return {
        "project": project,
        "section": "data",
        "items": [told_for(project, item) for item in found],
        "older": older,
        "newer": newer,
        "count": count,
        "more": more,
        "wanted": wanted,
        "asked": asked,
        "more_filters": bool(set(asked) - {"search", "scope", "state", "queue"}),
        "shown": _in_words(asked, offered),
        "problem": problem,
        "counts": data.counts(project),
        "queues": sorted(data.queues(project).items()),
        "categories": data.categories(project),
        "prompt_sets": data.prompt_sets(project),
        "states": list(STATES.items()),
        "scopes": list(SCOPES.items()),
        "offered": offered,
        "query": urlencode(asked),
        "form": form or (_form(project, offered) if Permission.DATA_MANAGE.name in project.may else None),
    }


def _form(project, offered: dict, given=None) -> ChangeForm:
    named = Permission.PEOPLE.name in project.may
    return ChangeForm(given, batches=offered["batches"], people=people.labellers(project) if named else [])


def _in_words(asked: dict, offered: dict) -> list[str]:
    """What is asked for, besides the search and the state that stand on the page."""
    names = {"source": "sources", "rater": "raters", "batch": "batches", "block": "blocks"}
    told = []
    for name, value in asked.items():
        if name in names:
            value = dict(offered[names[name]]).get(value, value)
        elif name == "queue":
            value = title_of(value)
        elif name == "state":
            value = STATES[value]
        elif name == "scope":
            value = SCOPES[value]
        words = name.replace("_", " ")
        told.append(words if value is True else f"{words}: {value}")
    return told


@require_POST
def change(request, slug):
    """Counts first; does it when `sure` says how many were shown."""
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    wanted, problem = _asked(QueryDict(request.POST.get("filters", "")))
    offered = browse.choices(project, names=Permission.PEOPLE.name in project.may)
    form = _form(project, offered, request.POST)
    if problem or not form.is_valid():
        page = _list(request, project, wanted, problem, form)
        return render(request, "annotation/items.html", page, status=422)
    if "sure" not in request.POST:
        return _ask(request, project, wanted, form, offered)
    options = form.options()
    try:
        if form.cleaned_data["action"] == BulkChange.Action.BATCH and form.cleaned_data["new_batch"]:
            title = form.cleaned_data["new_batch"]
            options["batch"] = batches.create_batch(project, by=request.user, title=title).pk
        made = bulk.change_items(
            project,
            by=request.user,
            action=form.cleaned_data["action"],
            filters=wanted.as_dict(),
            options=options,
        )
    except Refused as refusal:
        form.refuse(refusal)
        return render(request, "annotation/items.html", _list(request, project, wanted, "", form), status=422)
    return redirect("annotation:bulk-change", slug=slug, pk=made.pk)


def _ask(request, project, wanted: ItemFilter, form: ChangeForm, offered: dict):
    """How many items it would touch, and some of them, before anything is done."""
    count, _ = browse.count_of(project, wanted, most=bulk.MOST)
    found, _, _ = browse.page_of(project, wanted)
    page = {
        "project": project,
        "section": "data",
        "form": form,
        "count": count,
        "items": found[:5],
        "action": dict(BulkChange.Action.choices)[form.cleaned_data["action"]],
        "shown": _in_words(wanted.as_dict(), offered),
        "query": urlencode(wanted.as_dict()),
        "told": [(field.label, field.value()) for field in form if field.name in form.options()],
    }
    return render(request, "annotation/items_change.html", page)


@require_safe
def change_page(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    row = get_object_or_404(BulkChange.objects.filter(project=project).defer("before"), pk=pk)
    page = {
        "project": project,
        "section": "data",
        "change": row,
        "share": round(100 * row.done / row.total) if row.total else None,
        "busy": row.state in (BulkChange.State.QUEUED, BulkChange.State.RUNNING),
        "query": urlencode(row.filters),
        "sample": Item.objects.filter(project=project, pk__in=row.items[:5]).select_related("prompt"),
    }
    return page_or_part(request, "annotation/bulk_change.html", {"progress": lambda: page})


@require_POST
def change_undo(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    row = get_object_or_404(BulkChange, project=project, pk=pk)
    try:
        count = bulk.undo_change(row, by=request.user)
        messages.success(request, f"{count:,} items stand as they stood before.")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("annotation:bulk-change", slug=slug, pk=pk)
