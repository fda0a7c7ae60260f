"""Checkpoints: their page, download, promotion, labels collected on them; models registered from outside."""

from django.contrib import messages
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from training import archive
from training.access import checkpoint_for
from training.model_forms import CollectForm, ModelForm
from training.selectors import checkpoints as selectors
from training.selectors import lineage
from training.services import checkpoints, collections


@require_safe
def checkpoint_list(request, slug: str):
    """Every model of the project."""
    project = project_for(request.user, slug, Permission.RUN_VIEW)
    context = {"project": project, "section": "runs", "checkpoints": selectors.with_runs(project)}
    return render(request, "training/checkpoints.html", context)


@require_safe
def checkpoint(request, slug: str, pk: int):
    found = checkpoint_for(request.user, slug, pk)
    return _page(request, found, CollectForm(found.project))


@require_POST
def promote(request, slug: str, pk: int):
    found = checkpoint_for(request.user, slug, pk, Permission.RUN_MANAGE)
    act = checkpoints.demote if found.promoted_at else checkpoints.promote
    act(found, by=request.user)
    return redirect("training:checkpoint", slug, pk)


@require_safe
def download(request, slug: str, pk: int):
    """The folder as a tar archive, streamed: weights, configuration, tokenizer; never optimiser state."""
    found = checkpoint_for(request.user, slug, pk, Permission.EXPORT)
    files = archive.files_of(found.path)
    if not files:
        raise Http404("The files are not on this machine.")
    name = found.name.replace(" ", "-").replace(",", "").replace("/", "-")
    response = StreamingHttpResponse(archive.tar(name, files), content_type="application/x-tar")
    response["Content-Disposition"] = f'attachment; filename="{name}.tar"'
    return response


@require_POST
def collect(request, slug: str, pk: int):
    """Two answers to each prompt of a set, then pairs in the labelling queue."""
    found = checkpoint_for(request.user, slug, pk, Permission.DATA_MANAGE)
    form = CollectForm(found.project, request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        collection = collections.collect_labels(found, by=request.user, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, found, form, status=422)
    messages.success(
        request,
        f"{collection.first.total} prompts are answered twice each; their pairs appear in the labelling queue.",
    )
    return redirect("training:checkpoint", slug, pk)


@require_http_methods(["GET", "HEAD", "POST"])
def register(request, slug: str):
    """A model from outside: a folder on the server or a hub name."""
    project = project_for(request.user, slug, Permission.RUN_MANAGE)
    form = ModelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = checkpoints.register_model(project, by=request.user, **form.cleaned_data)
        except Refused as refused:
            for problem in refused.problems:
                form.add_error(problem["path"], problem["message"])
        else:
            return redirect("training:checkpoint", slug, made.pk)
    status = 422 if request.method == "POST" else 200
    context = {"project": project, "section": "runs", "form": form}
    return render(request, "training/register.html", context, status=status)


def _page(request, found, form, *, status: int = 200):
    context = {
        "project": found.project,
        "section": "runs",
        "checkpoint": found,
        "lineage": lineage.of_checkpoint(found),
        "files": archive.files_of(found.path),
        "siblings": selectors.siblings(found),
        "children": selectors.children(found),
        "collections": selectors.collections(found),
        "form": form,
    }
    return render(request, "training/checkpoint.html", context, status=status)
