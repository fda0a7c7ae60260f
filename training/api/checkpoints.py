"""Checkpoints: listed, registered from outside, promoted, downloaded."""

from pathlib import Path

from django.http import FileResponse, Http404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall, refuse_token
from training.models import Checkpoint
from training.services import checkpoints

# What makes up a model. The optimiser's state stays on the machine.
FILES = (
    "model.safetensors",
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "meta.json",
)


class CheckpointRow(serializers.ModelSerializer):
    run = serializers.IntegerField(source="run_id", allow_null=True)
    metrics = serializers.JSONField(source="meta.metrics", default=dict, help_text="Evaluation figures at that step.")

    class Meta:
        model = Checkpoint
        fields = ["id", "name", "kind", "run", "step", "size_bytes", "final", "metrics", "promoted_at", "created_at"]


class NewModel(serializers.Serializer):
    name = serializers.CharField(max_length=200)
    path = serializers.CharField(max_length=500, help_text="A folder on the server with safetensors, or a hub name.")
    kind = serializers.ChoiceField(choices=Checkpoint.Kind.choices, default=Checkpoint.Kind.POLICY)


class CheckpointFilter(filters.FilterSet):
    run = filters.NumberFilter(field_name="run_id")
    promoted = filters.BooleanFilter(field_name="promoted_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Checkpoint
        fields = ["kind", "final", "step"]


class CheckpointList(ProjectCall):
    serializer_class = CheckpointRow
    filterset_class = CheckpointFilter
    needs = {"GET": Permission.RUN_VIEW, "POST": Permission.RUN_MANAGE}

    def get_queryset(self):
        return Checkpoint.objects.filter(project=self.project).order_by("-id")

    @extend_schema(operation_id="checkpoints_list")
    def get(self, request, slug):
        """Checkpoints of runs and registered models, newest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="checkpoints_register", request=NewModel, responses={201: CheckpointRow})
    def post(self, request, slug):
        """Register a model from outside, to start runs from or to compare with."""
        refuse_token(request, "Registering a model names a folder of the server: sign in and do it on the page.")
        asked = self.asked(NewModel)
        return Response(
            CheckpointRow(checkpoints.register_model(self.project, by=request.user, **asked)).data, status=201
        )


class CheckpointDetail(ProjectCall):
    serializer_class = CheckpointRow
    needs = {"GET": Permission.RUN_VIEW}

    @extend_schema(operation_id="checkpoints_read")
    def get(self, request, slug, pk):
        """One checkpoint."""
        return Response(CheckpointRow(self.row_of(Checkpoint)).data)


class CheckpointPromote(ProjectCall):
    serializer_class = CheckpointRow
    needs = {"POST": Permission.RUN_MANAGE, "DELETE": Permission.RUN_MANAGE}

    @extend_schema(operation_id="checkpoints_promote", request=None)
    def post(self, request, slug, pk):
        """Mark it as one to build on: offered first, never cleared away."""
        return Response(CheckpointRow(checkpoints.promote(self.row_of(Checkpoint), by=request.user)).data)

    @extend_schema(operation_id="checkpoints_demote", responses={200: CheckpointRow})
    def delete(self, request, slug, pk):
        """Take the mark away."""
        return Response(CheckpointRow(checkpoints.demote(self.row_of(Checkpoint), by=request.user)).data)


class CheckpointFile(ProjectCall):
    needs = {"GET": Permission.EXPORT}

    @extend_schema(operation_id="checkpoints_file", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request, slug, pk, name):
        """One file of the model: `model.safetensors`, `config.json`, the tokenizer's, `meta.json`."""
        checkpoint = self.row_of(Checkpoint)
        path = Path(checkpoint.path) / name
        if name not in FILES or checkpoint.run_id is None or not path.is_file():
            raise Http404
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)
