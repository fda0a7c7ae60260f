"""Items for tasks that take no responses: topics typed, or the prompts of a set."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.topics import TopicsForm
from annotation.interfaces import interface
from annotation.services.topics import add_topics


@require_http_methods(["GET", "HEAD", "POST"])
def topics(request, slug, pk):
    """Prompts for a task that takes no responses: typed, or those of a set."""
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    task = get_object_or_404(project.tasks, pk=pk)
    if interface(task.interface).COMPLETIONS[0] > 0:
        raise Http404("Items of this task need responses.")
    form = TopicsForm(request.POST or None, project=project)
    if form.is_valid():
        try:
            count = add_topics(task, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"{count:,} item{'s' if count != 1 else ''} added to {task.title}.")
            return redirect("annotation:topics", slug=slug, pk=pk)
    page = {"project": project, "section": "data", "task": task, "way": interface(task.interface), "form": form}
    page["waiting"] = project.items.filter(queue=task.queue, published=True, open_slots__gt=0).count()
    return render(request, "annotation/topics.html", page, status=422 if form.errors else 200)
