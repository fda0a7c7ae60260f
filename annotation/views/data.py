"""What a project holds: counts, imports, snapshots; its items, page by page."""

from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.access import Permission, project_for
from annotation.models import Item
from annotation.pages import page_or_part
from annotation.queues import kind_of
from annotation.selectors import data
from annotation.selectors.rubric_trials import of_completions
from annotation.selectors.snapshot_source import pseudonym


@require_safe
def data_page(request, slug):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    page = {
        "project": project,
        "section": "data",
        "counts": data.counts(project),
        "prompt_sets": data.prompt_sets(project),
        "imports": data.imports(project)[:8],
        "snapshots": data.snapshots(project)[:20],
    }
    return render(request, "annotation/data.html", page)


@require_safe
def items(request, slug):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    filters = {name: request.GET.get(name, "")[:200] for name in ("queue", "state", "category", "search")}
    found, older, newer = data.item_page(
        project, before=_number(request, "before"), after=_number(request, "after"), **filters
    )
    page = {
        "project": project,
        "section": "data",
        "items": [told_for(project, item) for item in found],
        "older": older,
        "newer": newer,
        "filters": filters,
        "filtered": any(filters.values()),
        "counts": data.counts(project),
        "queues": sorted(data.queues(project).items()),
        "categories": data.categories(project),
        "states": [(key, title) for key, (title, _) in data.STATES.items()],
        "query": urlencode({name: value for name, value in filters.items() if value}),
    }
    return page_or_part(request, "annotation/items.html", {"items": lambda: page})


def _number(request, name: str) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0


@require_safe
def item_page(request, slug, pk):
    project = project_for(request.user, slug, Permission.DATA_VIEW)
    try:
        item = data.item_of(project, pk)
    except Item.DoesNotExist:
        raise Http404("There is no such item in this project.") from None
    kind = kind_of(item.queue)
    page = {
        "project": project,
        "section": "data",
        "item": told_for(project, item),
        "after": kind.after(project, item.queue) if kind and kind.after else None,
        "scored": scored(project, item),
    }
    return render(request, "annotation/item.html", page)


def scored(project, item: Item) -> list[tuple]:
    """(place, scores) of each completion that was scored by a rubric, with raters as this reader may see them."""
    found = of_completions(entry.completion_id for entry in item.entries.all())
    for score in (score for scores in found.values() for score in scores if score.rater):
        score.who = _named(project, score.rater)
    return [(entry.index + 1, found[entry.completion_id]) for entry in item.entries.all()
            if entry.completion_id in found]  # fmt: skip


def told_for(project, item: Item) -> Item:
    """The item with its raters as this reader may see them, and blind where its votes still run."""
    for judgment in item.judgments.all():
        judgment.who = _named(project, judgment.rater)
        judgment.words = data.words_of(item, judgment)
        judgment.changes = data.changes_of(item, judgment)
    return item


def _named(project, rater) -> str:
    named = Permission.PEOPLE.name in project.may
    return rater.name if named else pseudonym(rater.pk, rater.kind, rater.name)
