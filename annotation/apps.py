from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from annotation import loop
        from annotation.selectors import overview

        loop.register("labels", stations=overview.label_stations, waiting=overview.waiting)
        loop.register("agreement", stations=overview.agreement_stations)
        loop.register("snapshot", stations=overview.snapshot_stations)
