"""Tasks of a project: a new one, and its settings."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.tasks import NewTaskForm, TaskForm
from annotation.interfaces import interface
from annotation.services.tasks import change_task, create_task

FORM = require_http_methods(["GET", "HEAD", "POST"])


@FORM
def task_new(request, slug):
    project = project_for(request.user, slug, Permission.PROJECT_MANAGE)
    form = NewTaskForm(request.POST or None, initial={"interface": "pairwise"})
    if form.is_valid():
        try:
            task = create_task(project, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"{task.title} is there. Say how it is asked, then add items.")
            return redirect("annotation:task", slug=slug, pk=task.pk)
    page = {"project": project, "section": "projects", "form": form}
    return render(request, "annotation/task_new.html", page, status=422 if form.errors else 200)


@FORM
def task_settings(request, slug, pk):
    project = project_for(request.user, slug, Permission.PROJECT_MANAGE)
    task = get_object_or_404(project.tasks, pk=pk)
    form = TaskForm(request.POST or None, task=task)
    if form.is_valid():
        try:
            change_task(task, by=request.user, **form.values())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "Saved.")
            return redirect("annotation:task", slug=slug, pk=pk)
    page = {"project": project, "section": "projects", "task": task, "way": interface(task.interface), "form": form}
    return render(request, "annotation/task.html", page, status=422 if form.errors else 200)
