"""Where reward models are least sure: the ensemble that a task's items are ordered by."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from annotation.access import Permission, project_for
from annotation.errors import Refused
from training.model_forms import EnsembleForm
from training.models import CompletionScore
from training.services.uncertainty import choose_ensemble, ensemble_of


@require_http_methods(["GET", "HEAD", "POST"])
def ordering(request, slug: str, pk: int):
    """What the order stands on, and the form to choose its models."""
    project = project_for(request.user, slug, Permission.PROJECT_MANAGE)
    task = get_object_or_404(project.tasks, pk=pk)
    chosen = list(ensemble_of(task))
    form = EnsembleForm(project, request.POST or None, initial={"models": chosen})
    if form.is_valid():
        try:
            choose_ensemble(task, checkpoints=list(form.cleaned_data["models"]))
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "The models score what is open; the order follows when they have.")
            return redirect("training:task-order", slug=slug, pk=pk)
    awaited = CompletionScore.objects.filter(checkpoint__in=chosen, value=None, error="").count()
    page = {"project": project, "section": "projects", "task": task, "form": form, "chosen": chosen, "awaited": awaited}
    return render(request, "training/task_order.html", page, status=422 if form.errors else 200)
