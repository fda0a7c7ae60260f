from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from annotation import listening, loop, verifiers
        from training import catalogue, signals  # noqa: F401 (signals tie the worker's row to Celery's)
        from training.selectors import station, waiting

        listening.register(waiting.silence)
        verifiers.register(catalogue.verifiers)
        loop.register("runs", stations=station.stations, waiting=station.waiting)
