"""Snapshots: the form with its live preview, the page of one, its files."""

from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.forms.snapshots import SnapshotForm
from annotation.models import Project, Snapshot
from annotation.pages import page_or_part
from annotation.policy import Policy
from annotation.selectors import data
from annotation.selectors.snapshot_files import (
    DOWNLOADS,
    archive,
    converted,
    downloads,
    sample_rows,
    stored_file,
    trainer_files,
)
from annotation.selectors.snapshot_preview import preview
from annotation.services import snapshots
from annotation.snapshot_card import LEFT_OUT
from annotation.snapshot_filters import Filters
from annotation.snapshot_words import in_words


@require_http_methods(["GET", "HEAD", "POST"])
def snapshot_new(request, slug):
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    form = SnapshotForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        return _freeze(request, project, form)
    page = {"project": project, "form": form, "card": None if form.is_bound else _first_card(project, form)}
    return _form_page(request, page, status=422 if form.errors else 200)


def _freeze(request, project: Project, form: SnapshotForm):
    told = form.cleaned_data
    if not told["name"]:
        form.add_error("name", "Give it a name: runs and papers will use it.")
    else:
        try:
            snapshot = snapshots.create_snapshot(
                project,
                by=request.user,
                name=told["name"],
                format=told["format"],
                filters=form.filters(),
                policy=form.policy(),
                rubric=told.get("rubric"),
            )
            return redirect("annotation:snapshot", slug=project.slug, pk=snapshot.pk)
        except Refused as refusal:
            if refusal.code == "taken":
                form.add_error("name", str(refusal))
            else:
                form.refuse(refusal)
    return _form_page(request, {"project": project, "form": form, "card": _card(project, form)}, status=422)


@require_POST
def snapshot_preview(request, slug):
    """What the form as it stands would freeze: only the part, for htmx; the whole page for a plain button."""
    project = project_for(request.user, slug, Permission.DATA_MANAGE)
    form = SnapshotForm(request.POST, project=project)
    page = {"project": project, "form": form, "card": _card(project, form) if form.is_valid() else None}
    return _form_page(request, page, status=200 if form.is_valid() else 422)


def _form_page(request, page: dict, status: int):
    page |= {"section": "data", "counts": data.counts(page["project"]), "reasons": LEFT_OUT}
    return page_or_part(request, "annotation/snapshot_new.html", {"preview": lambda: page}, status=status)


def _first_card(project: Project, form: SnapshotForm) -> dict:
    filters = Filters(rater_kinds=tuple(form.initial["rater_kinds"]), origins=tuple(form.initial["origins"]))
    return preview(project, format="preference", filters=filters, policy=Policy())


def _card(project: Project, form: SnapshotForm) -> dict:
    return preview(
        project,
        format=form.cleaned_data["format"],
        filters=Filters.read(form.filters()),
        policy=Policy.read(form.policy()),
    )


def _snapshot(request, slug: str, pk: int, permission: Permission) -> tuple[Project, Snapshot]:
    project = project_for(request.user, slug, permission)
    snapshot = Snapshot.objects.filter(project=project, pk=pk).select_related("created_by", "rubric__rubric").first()
    if snapshot is None:
        raise Http404("There is no such snapshot in this project.")
    return project, snapshot


@require_safe
def snapshot_page(request, slug, pk):
    project, snapshot = _snapshot(request, slug, pk, Permission.DATA_VIEW)
    frozen = snapshot.state == Snapshot.State.FROZEN
    page = {
        "project": project,
        "section": "data",
        "snapshot": snapshot,
        "card": snapshot.card if frozen else None,
        "rows": sample_rows(snapshot) if frozen else [],
        "files": downloads(snapshot),
        "trainer_files": trainer_files(snapshot),
        "reasons": LEFT_OUT,
        "share": round(100 * snapshot.items_done / snapshot.items_total) if snapshot.items_total else None,
        "made": in_words(Policy.read(snapshot.policy), Filters.read(snapshot.filters)),
    }
    return page_or_part(request, "annotation/snapshot.html", {"progress": lambda: page})


@require_safe
def snapshot_file(request, slug, pk, name):
    _, snapshot = _snapshot(request, slug, pk, Permission.EXPORT)
    frozen = snapshot.state == Snapshot.State.FROZEN
    if frozen and name in trainer_files(snapshot) and stored_file(snapshot, "train.jsonl"):
        return FileResponse(converted(snapshot, name), as_attachment=True, filename=f"{snapshot.name}-{name}")
    if not frozen or name not in DOWNLOADS:
        raise Http404("This snapshot has no such file.")
    if name == "snapshot.zip":
        return FileResponse(archive(snapshot), as_attachment=True, filename=f"{Path(snapshot.path).name}.zip")
    path = stored_file(snapshot, name)
    if path is None:
        raise Http404("The file is no longer on the disk. Freeze the same judgments again: the hash will be the same.")
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{snapshot.name}-{name}")


@require_POST
def snapshot_retry(request, slug, pk):
    _, snapshot = _snapshot(request, slug, pk, Permission.DATA_MANAGE)
    try:
        snapshots.try_again(snapshot, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("annotation:snapshot", slug=slug, pk=pk)
