from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from annotation import listening, loop
        from training import signals  # noqa: F401 (ties the worker's row to Celery's signals)
        from training.selectors import station, waiting

        listening.register(waiting.silence)
        loop.register("runs", stations=station.stations, waiting=station.waiting)
