from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from annotation import loop
        from evaluation.queues import register_queue
        from evaluation.selectors import station

        register_queue()
        loop.register("comparison", stations=station.stations, waiting=station.waiting)
