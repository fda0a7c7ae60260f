"""From a method to a run: choose it, fill in the form, see the check, start."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from annotation.access import Permission, project_for
from annotation.errors import Refused
from annotation.models import Snapshot
from annotation.pages import page_or_part
from training import catalogue
from training.forms import RunForm, initial_of, preset_for
from training.models import JobState, Preflight, Run
from training.selectors import runs as selectors
from training.selectors import waiting
from training.services import preflights, runs, specs

CARRIED = ("snapshot", "start")  # what the page that leads here has chosen already


@require_http_methods(["GET", "HEAD", "POST"])
def new(request, slug: str):
    """Method cards; with `?method=` the form; a POST is checked and goes on to the pre-flight."""
    project = project_for(request.user, slug, Permission.RUN_MANAGE)
    if request.method == "POST":
        return _sent(request, project)
    given = request.GET
    source = _cloned(project, given.get("clone"))
    earlier = Preflight.objects.filter(project=project, pk=_pk(given.get("check"))).first()
    name = earlier.form["method"] if earlier else source.method if source else given.get("method")
    if not name:
        return _cards(request, project)
    return _form_page(request, project, _form(project, _method(name), given, source, earlier), source=source)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request, slug: str, pk: int):
    """What the engine says before anything trains; POST starts the run."""
    project = project_for(request.user, slug, Permission.RUN_MANAGE)
    preflight = get_object_or_404(Preflight.objects.select_related("run"), project=project, pk=pk)
    if request.method == "POST":
        return _launch(request, project, preflight)
    return _check_page(request, project, preflight)


def _cards(request, project, *, status: int = 200):
    context = {
        "project": project,
        "section": "runs",
        "families": catalogue.families(),
        "snapshots": Snapshot.objects.filter(project=project, state=Snapshot.State.FROZEN).count(),
        "models": selectors.checkpoints_of(project).count(),
        "carried": "".join(f"&{name}={_pk(request.GET[name])}" for name in CARRIED if name in request.GET),
    }
    return render(request, "training/choose.html", context, status=status)


def _form(project, method, given, source: Run | None, earlier: Preflight | None) -> RunForm:
    """Filled from an earlier check, from the run it clones, or from the preset that suits the model."""
    if earlier:
        return RunForm(project, method, initial=earlier.form)
    asked = {key: value for key, value in given.items() if key not in ("clone", "method", "preset", "check")}
    if source and "preset" not in given:
        return RunForm(project, method, initial=initial_of(runs.clone_arguments(source)) | asked)
    policies = selectors.checkpoints_of(project, "policy")
    start = policies.filter(pk=_pk(given.get("start"))).first() or policies.first()
    preset = given.get("preset") or preset_for(method, start)
    rows = {name: value for name, value in asked.items() if "." not in name}
    form = RunForm(project, method, preset=preset, initial={"start": start} | rows)
    form.preset_name = preset
    return form


def _sent(request, project):
    method = catalogue.method(request.POST.get("method", ""))
    if method is None:
        return _cards(request, project, status=422)
    form = RunForm(project, method, request.POST)
    source = _cloned(project, request.POST.get("clone"))
    if form.is_valid():
        preflight = _request(request, project, form)
        if preflight:
            return redirect("training:run-check", project.slug, preflight.pk)
    return _form_page(request, project, form, source=source, status=422)


def _request(request, project, form: RunForm) -> Preflight | None:
    """A pre-flight, or None with the problems beside the fields."""
    name = form.cleaned_data["name"]
    if Run.objects.filter(project=project, name=name).exists():
        form.add_error("name", f"A run has this name already; {runs.free_name(project, name)} is free.")
        return None
    try:
        spec = specs.build(uid="preflight", **form.arguments())
    except Refused as refused:
        form.take(refused.problems)
        return None
    sent = {key: value for key, value in request.POST.items() if key != "csrfmiddlewaretoken"}
    return preflights.request_preflight(project, by=request.user, spec=spec, form=sent)


def _form_page(request, project, form: RunForm, *, source=None, status: int = 200):
    def advice() -> dict:
        chosen = form["snapshot"].value()
        return {"chosen": form.fields["snapshot"].queryset.filter(pk=_pk(str(getattr(chosen, "pk", chosen)))).first()}

    return page_or_part(
        request,
        "training/new.html",
        {"advice": advice},
        status=status,
        project=project,
        section="runs",
        method=form.method,
        form=form,
        source=source,
        wrong=len(form.errors),
        snapshots=form.fields["snapshot"].queryset,
    )


def _check_page(request, project, preflight: Preflight, *, refused: str = "", status: int = 200):
    queue = preflight.form.get("queue", "cpu")
    waits = preflight.state in (JobState.QUEUED, JobState.RUNNING)

    def result() -> dict:
        return {
            "preflight": preflight,
            "spec": preflight.spec,
            "result": preflight.result,
            "waits": waits,
            "no_helper": waiting.no_worker("sample") if preflight.state == JobState.QUEUED else None,
            "no_worker": waiting.no_worker(queue),
            "disk": waiting.low_disk(),
            "chosen": Snapshot.objects.filter(project=project, pk=_pk(preflight.form.get("snapshot"))).first(),
        }

    method = catalogue.method(preflight.spec.get("method", ""))
    context = {"project": project, "section": "runs", "method": method, "queue": queue, "refused": refused}
    return page_or_part(request, "training/check.html", {"check": result}, status=status, **context)


def _launch(request, project, preflight: Preflight):
    """Start the run that was checked; a second press of the button finds it started."""
    if preflight.run:
        return redirect("training:run", project.slug, preflight.run.pk)
    method = catalogue.method(preflight.form.get("method", ""))
    if method is None:
        words = "This check was asked for by the API; the run is launched there too."
        return _check_page(request, project, preflight, refused=words, status=422)
    form = RunForm(project, method, preflight.form)
    if not form.is_valid():
        return _form_page(request, project, form, status=422)
    source = _cloned(project, preflight.form.get("clone"))
    try:
        run = runs.create_run(
            project, by=request.user, queue=form.cleaned_data["queue"], cloned_from=source, **form.arguments()
        )
    except Refused as refused:
        form.take(refused.problems)
        return _form_page(request, project, form, source=source, status=422)
    Preflight.objects.filter(pk=preflight.pk).update(run=run)
    return redirect("training:run", project.slug, run.pk)


def _method(name: str | None) -> dict:
    method = catalogue.method(name or "")
    if method is None:
        raise Http404("No such method.")
    return method


def _cloned(project, pk: str | None) -> Run | None:
    return Run.objects.filter(project=project, pk=_pk(pk)).select_related("snapshot", "start", "project").first()


def _pk(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
