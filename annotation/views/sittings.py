"""The page at the end of a sitting: what was done in it, in figures."""

from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.access import Permission, project_for
from annotation.models import Task
from annotation.queues import kind_of, title_of
from annotation.selectors import labelling as show
from annotation.selectors.tasks import way_of


@require_safe
def sitting(request: HttpRequest, slug: str, pk: int):
    """One's own sittings only; anybody else's does not exist."""
    project = project_for(request.user, slug, Permission.OWN_WORK)
    row = project.sittings.filter(rater__user=request.user, pk=pk).select_related("task").first()
    if row is None:
        raise Http404("No such sitting of yours.")
    kind = kind_of(row.queue)
    context = {
        "project": project,
        "section": "work",
        "sitting": row,
        "queue_title": row.task.title if row.task and not (kind and kind.reveals) else title_of(row.queue),
        "way": way_of(row.task or Task())[0],
        "summary": show.summary_of(row),
        "answers": show.answers_of(row, limit=200),
        "after": kind.after(project, row.queue) if kind and kind.after and row.ended_at else None,
    }
    return render(request, "annotation/label/sitting.html", context)
