"""An annotator's home: one button to go on, and what there is to know before pressing it."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from annotation.selectors import work as show
from annotation.selectors.blocks import own_blocks


@require_safe
def work(request):
    """Everybody's own labelling, over all their projects."""
    now = timezone.now()
    projects = show.labelling_projects(request.user)
    context = {
        "section": "work",
        "projects": projects,
        "stop": show.stop_of(request.user, projects),
        "blocks": own_blocks(request.user, projects),
        "queues": show.queues_of(request.user, projects),
        "today": show.today_of(request.user, projects, now),
        "clear_answers_needed": show.CLEAR_ANSWERS_NEEDED,
        "answers": show.last_answers(request.user, projects),
        "news": show.guide_news(projects, now),
    }
    return render(request, "annotation/work.html", context)
