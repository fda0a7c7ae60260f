"""Watching a run: curves, samples, alerts, log."""

from pathlib import Path

from django.conf import settings
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from training.api.runs import RunCall
from training.models import Alert, Run, Sample
from training.selectors import curves

MOST_LOG_BYTES = 256 * 1024


class CurveQuery(serializers.Serializer):
    since = serializers.IntegerField(default=-1, min_value=-1, max_value=2**62)
    width = serializers.IntegerField(default=0, min_value=0, max_value=2**31)
    axis = serializers.ChoiceField(choices=curves.AXES, default="step")


class PointQuery(serializers.Serializer):
    key = serializers.ListField(child=serializers.CharField(max_length=120), max_length=50)
    rows = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False, default=None)


class SampleRow(serializers.ModelSerializer):
    class Meta:
        model = Sample
        fields = ["step", "prompt_index", "prompt", "completion", "reference", "rewards", "values"]


class AlertRow(serializers.ModelSerializer):
    class Meta:
        model = Alert
        fields = ["id", "kind", "step", "metric", "title", "evidence", "cause", "advice", "raised_at", "cleared_at"]


class SampleFilter(filters.FilterSet):
    class Meta:
        model = Sample
        fields = ["step", "prompt_index"]


class WatchCall(RunCall):
    needs = {"GET": Permission.RUN_VIEW}

    def query(self, serializer_class, data=None) -> dict:
        asked = serializer_class(data=self.request.query_params if data is None else data)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)


class RunCurves(WatchCall):
    @extend_schema(
        operation_id="runs_curves",
        parameters=[
            OpenApiParameter("since", int, description="The `seq` you have; only what is newer comes."),
            OpenApiParameter("width", int, description="The `width` you have; another one means everything anew."),
            OpenApiParameter("axis", str, enum=curves.AXES),
        ],
        responses={200: OpenApiTypes.OBJECT, 204: None},
    )
    def get(self, request, slug, pk):
        """Curves as drawn: at most one bucket a pixel, its lowest and highest kept. 204 when nothing is new."""
        series = curves.series(self.run, curves.Cursor(**self.query(CurveQuery)))
        return Response(status=204) if series is None else Response(series)


class RunPoints(WatchCall):
    @extend_schema(
        operation_id="runs_points",
        parameters=[
            OpenApiParameter("key", str, many=True, description="Metrics; without any, their names are listed."),
            OpenApiParameter("rows", int, description="About so many rows, evenly spread; all without."),
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request, slug, pk):
        """Every point as logged: rows of step, seconds and one value a metric (not a number is null)."""
        run = self.run
        known = curves.keys(run)
        if "key" not in request.query_params:
            return Response({"keys": known})
        asked = self.query(PointQuery)
        if unknown := sorted(set(asked["key"]) - set(known)):
            raise ValidationError({"key": [f"This run logged no {', '.join(unknown)}; `keys` names what it did."]})
        rows = [[finite(cell) for cell in row] for row in curves.table(run, asked["key"], rows=asked["rows"])]
        return Response({"columns": ["step", "seconds", *asked["key"]], "rows": rows})


class RunSamples(WatchCall):
    serializer_class = SampleRow
    needs = {"GET": Permission.DATA_VIEW}  # prompts and completions are data: viewers see curves
    filterset_class = SampleFilter

    def get_queryset(self):
        return Sample.objects.filter(run__project=self.project, run=self.kwargs["pk"]).order_by("step", "prompt_index")

    @extend_schema(operation_id="runs_samples")
    def get(self, request, slug, pk):
        """Completions logged while training, with their rewards by source."""
        self.row_of(Run)
        return self.page_of(self.get_queryset())


class RunAlerts(WatchCall):
    serializer_class = AlertRow

    def get_queryset(self):
        return Alert.objects.filter(run__project=self.project, run=self.kwargs["pk"]).order_by("step", "id")

    @extend_schema(operation_id="runs_alerts")
    def get(self, request, slug, pk):
        """What was noticed: since when, on what evidence, the likely cause, what to do."""
        self.row_of(Run)
        return self.page_of(self.get_queryset())


class LogTail(serializers.Serializer):
    text = serializers.CharField()
    complete = serializers.BooleanField(help_text="False if the file is longer and only its end is here.")


class RunLog(ProjectCall):
    serializer_class = LogTail
    needs = {"GET": Permission.RUN_MANAGE}

    @extend_schema(operation_id="runs_log")
    def get(self, request, slug, pk):
        """The end of what the engine wrote to its log."""
        path = Path(settings.RUN_DIR) / self.row_of(Run).uid.hex / "engine.log"
        if not path.exists():
            return Response({"text": "", "complete": True})
        size = path.stat().st_size
        with path.open("rb") as log:
            log.seek(max(0, size - MOST_LOG_BYTES))
            text = log.read(MOST_LOG_BYTES).decode("utf-8", errors="replace")
        return Response({"text": text, "complete": size <= MOST_LOG_BYTES})


def finite(value):
    """JSON knows neither NaN nor infinity."""
    return None if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))) else value
