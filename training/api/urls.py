"""Addresses of the calls, below /api/."""

from django.urls import path

from training.api import checkpoints, generations, methods, preflights, runs, watching, workers

here = "projects/<slug:slug>/"
run = f"{here}runs/<int:pk>/"
checkpoint = f"{here}checkpoints/<int:pk>/"
urlpatterns = [
    path("methods/", methods.MethodList.as_view(), name="api-methods"),
    path("methods/<slug:name>/", methods.MethodDetail.as_view(), name="api-method"),
    path("workers/", workers.WorkerList.as_view(), name="api-workers"),
    path(f"{here}preflights/", preflights.PreflightList.as_view(), name="api-preflights"),
    path(f"{here}preflights/<int:pk>/", preflights.PreflightDetail.as_view(), name="api-preflight"),
    path(f"{here}runs/", runs.RunList.as_view(), name="api-runs"),
    path(run, runs.RunDetail.as_view(), name="api-run"),
    path(f"{run}stop/", runs.RunStop.as_view(), name="api-run-stop"),
    path(f"{run}pause/", runs.RunPause.as_view(), name="api-run-pause"),
    path(f"{run}resume/", runs.RunResume.as_view(), name="api-run-resume"),
    path(f"{run}clone/", runs.RunClone.as_view(), name="api-run-clone"),
    path(f"{run}curves/", watching.RunCurves.as_view(), name="api-run-curves"),
    path(f"{run}points/", watching.RunPoints.as_view(), name="api-run-points"),
    path(f"{run}samples/", watching.RunSamples.as_view(), name="api-run-samples"),
    path(f"{run}alerts/", watching.RunAlerts.as_view(), name="api-run-alerts"),
    path(f"{run}log/", watching.RunLog.as_view(), name="api-run-log"),
    path(f"{here}checkpoints/", checkpoints.CheckpointList.as_view(), name="api-checkpoints"),
    path(checkpoint, checkpoints.CheckpointDetail.as_view(), name="api-checkpoint"),
    path(f"{checkpoint}promotion/", checkpoints.CheckpointPromote.as_view(), name="api-checkpoint-promotion"),
    path(f"{checkpoint}files/<str:name>", checkpoints.CheckpointFile.as_view(), name="api-checkpoint-file"),
    path(f"{here}generations/", generations.GenerationList.as_view(), name="api-generations"),
    path(f"{here}generations/<int:pk>/", generations.GenerationDetail.as_view(), name="api-generation"),
    path(f"{here}generations/<int:pk>/retry/", generations.GenerationRetry.as_view(), name="api-generation-retry"),
    path(
        f"{here}generations/<int:pk>/answers/", generations.GenerationAnswers.as_view(), name="api-generation-answers"
    ),
]
