"""The app's addresses."""

from django.urls import path

from training.views import checkpoints, launch, machines, methods, moves, ordering, run, runs

app_name = "training"
urlpatterns = [
    path("methods/", methods.methods, name="methods"),
    path("methods/<slug:name>/", methods.method, name="method"),
    path("machines/", machines.machines, name="machines"),
    path("p/<slug:slug>/runs/", runs.runs, name="runs"),
    path("p/<slug:slug>/runs/new/", launch.new, name="run-new"),
    path("p/<slug:slug>/runs/overlay/", runs.overlay, name="run-overlay"),
    path("p/<slug:slug>/runs/checks/<int:pk>/", launch.check, name="run-check"),
    path("p/<slug:slug>/runs/<int:pk>/", run.run, name="run"),
    path("p/<slug:slug>/runs/<int:pk>/series/", run.series, name="run-series"),
    path("p/<slug:slug>/runs/<int:pk>/curves.csv", run.curves_csv, name="run-csv"),
    path("p/<slug:slug>/runs/<int:pk>/curves/<slug:panel>/", run.table, name="run-table"),
    path("p/<slug:slug>/runs/<int:pk>/log/", run.log, name="run-log"),
    path("p/<slug:slug>/runs/<int:pk>/stop/", moves.stop, name="run-stop"),
    path("p/<slug:slug>/runs/<int:pk>/pause/", moves.pause, name="run-pause"),
    path("p/<slug:slug>/runs/<int:pk>/resume/", moves.resume, name="run-resume"),
    path("p/<slug:slug>/runs/<int:pk>/alerts/<int:alert>/seen/", run.alert_seen, name="alert-seen"),
    path("p/<slug:slug>/tasks/<int:pk>/order/", ordering.ordering, name="task-order"),
    path("p/<slug:slug>/checkpoints/", checkpoints.checkpoint_list, name="checkpoints"),
    path("p/<slug:slug>/checkpoints/new/", checkpoints.register, name="checkpoint-new"),
    path("p/<slug:slug>/checkpoints/<int:pk>/", checkpoints.checkpoint, name="checkpoint"),
    path("p/<slug:slug>/checkpoints/<int:pk>/download/", checkpoints.download, name="checkpoint-download"),
    path("p/<slug:slug>/checkpoints/<int:pk>/promote/", checkpoints.promote, name="checkpoint-promote"),
    path("p/<slug:slug>/checkpoints/<int:pk>/collect/", checkpoints.collect, name="checkpoint-collect"),
]
