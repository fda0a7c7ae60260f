"""What a project holds: counts, imports, snapshots; its items, page by page."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.access import Permission, project_for
from annotation.models import Item
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
