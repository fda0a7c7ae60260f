"""What models were asked: jobs, their rows with every step, calling one off, going on with it."""

from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.models import FeedbackJob, FeedbackRow
from annotation.services.feedback import jobs

_Object = extend_schema_field(OpenApiTypes.OBJECT)


class FeedbackJobRow(serializers.ModelSerializer):
    options = _Object(serializers.JSONField())
    figures = _Object(serializers.JSONField())

    class Meta:
        model = FeedbackJob
        fields = [
            "id", "kind", "state", "judge", "writer", "constitution", "options", "total", "done", "error", "figures",
            "created_at", "finished_at",
        ]  # fmt: skip


class FeedbackStepRow(serializers.ModelSerializer):
    steps = extend_schema_field({"type": "array", "items": {"type": "object"}})(
        serializers.JSONField(help_text="Everything that was said, in order.")
    )
    result = _Object(serializers.JSONField())

    class Meta:
        model = FeedbackRow
        fields = ["number", "part", "prompt", "item", "place", "state", "value", "steps", "result"]


class FeedbackFilter(filters.FilterSet):
    class Meta:
        model = FeedbackJob
        fields = ["kind", "state"]


class RowFilter(filters.FilterSet):
    class Meta:
        model = FeedbackRow
        fields = ["state"]


class FeedbackList(ProjectCall):
    serializer_class = FeedbackJobRow
    filterset_class = FeedbackFilter
    needs = {"GET": Permission.DATA_VIEW}

    def get_queryset(self):
        return FeedbackJob.objects.filter(project=self.project).order_by("-id")

    @extend_schema(operation_id="feedback_list")
    def get(self, request, slug):
        """Jobs, newest first."""
        return self.page_of(self.get_queryset())


class FeedbackDetail(ProjectCall):
    serializer_class = FeedbackJobRow
    needs = {"GET": Permission.DATA_VIEW}

    @extend_schema(operation_id="feedback_read")
    def get(self, request, slug, pk):
        """How far a job is, and what came of it."""
        return Response(FeedbackJobRow(self.row_of(FeedbackJob)).data)


class FeedbackRows(ProjectCall):
    serializer_class = FeedbackStepRow
    filterset_class = RowFilter
    needs = {"GET": Permission.DATA_VIEW}

    def get_queryset(self):
        return FeedbackRow.objects.filter(job=self.row_of(FeedbackJob)).order_by("number")

    @extend_schema(operation_id="feedback_rows")
    def get(self, request, slug, pk):
        """Rows with every step that was said; `state=unread` and `state=refused` are those that count nowhere."""
        return self.page_of(self.get_queryset())


class FeedbackCancel(ProjectCall):
    serializer_class = FeedbackJobRow
    needs = {"POST": Permission.DATA_MANAGE}

    @extend_schema(operation_id="feedback_cancel", request=None)
    def post(self, request, slug, pk):
        """Nothing more is asked; what was answered stays."""
        job = self.row_of(FeedbackJob)
        jobs.cancel_job(job, by=request.user)
        job.refresh_from_db()
        return Response(FeedbackJobRow(job).data)


class FeedbackRetry(ProjectCall):
    serializer_class = FeedbackJobRow
    needs = {"POST": Permission.DATA_MANAGE}

    @extend_schema(operation_id="feedback_retry", request=None)
    def post(self, request, slug, pk):
        """Go on with what waits, and ask again what got no answer or none that could be read."""
        job = self.row_of(FeedbackJob)
        jobs.retry_job(job, by=request.user)
        job.refresh_from_db()
        return Response(FeedbackJobRow(job).data)
