"""Runs: launch, list, look, stop, pause, resume, clone."""

from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.api.fields import RowOf
from annotation.models import Snapshot
from training.models import Checkpoint, Run
from training.services import runs
from training.states import RunState

SHORT = ["id", "name", "method", "state", "step", "total_steps", "seed", "queue", "snapshot", "start", "cloned_from"]
SHORT += ["error", "created_at", "started_at", "finished_at", "active_seconds"]


class RunRow(serializers.ModelSerializer):
    snapshot = serializers.IntegerField(source="snapshot_id", allow_null=True)
    start = serializers.IntegerField(source="start_id")
    cloned_from = serializers.IntegerField(source="cloned_from_id", allow_null=True)
    state = serializers.CharField(help_text=f"One of {', '.join(RunState)}.")

    class Meta:
        model = Run
        fields = SHORT


class RunWhole(RunRow):
    settings = serializers.SerializerMethodField()
    training = serializers.SerializerMethodField()
    rewards = serializers.SerializerMethodField()
    latest = serializers.JSONField(help_text="The newest value of each metric.")

    class Meta(RunRow.Meta):
        fields = [*SHORT, "settings", "training", "rewards", "attempt", "tokens", "peak_memory_bytes", "latest"]

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_settings(self, run):
        return run.spec["settings"]

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_training(self, run):
        return run.spec["training"]

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_rewards(self, run):
        """Without paths: where weights lie on a machine is nobody's business here."""
        return [{key: value for key, value in reward.items() if key != "path"} for reward in run.spec["rewards"]]


class NewReward(serializers.Serializer):
    """A reward model or a verifier, and its weight in the sum."""

    checkpoint = RowOf(Checkpoint, required=False, allow_null=True, help_text="The id of a reward model.")
    verifier = serializers.CharField(max_length=60, required=False)
    weight = serializers.FloatField(default=1.0)
    name = serializers.SlugField(max_length=60, required=False)

    def validate(self, reward):
        if bool(reward.get("checkpoint")) == bool(reward.get("verifier")):
            raise serializers.ValidationError("Name either a checkpoint or a verifier.")
        return reward


class NewRun(serializers.Serializer):
    name = serializers.CharField(max_length=120)
    method = serializers.CharField(max_length=60)
    snapshot = RowOf(Snapshot)
    start = RowOf(Checkpoint, help_text="The model to start from: the id of a checkpoint.")
    settings = serializers.DictField(default=dict, help_text="The method's own; see /api/methods/<name>/.")
    training = serializers.DictField(default=dict, help_text="Those that every method shares; see /api/methods/.")
    rewards = NewReward(many=True, required=False, default=list)
    prompts = RowOf(Snapshot, required=False, allow_null=True, default=None)
    reference = RowOf(Checkpoint, required=False, allow_null=True, default=None)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=42)
    queue = serializers.ChoiceField(choices=["cpu", "gpu"], default="cpu")


class Changes(serializers.Serializer):
    """What a clone does differently; settings and training are merged key by key."""

    name = serializers.CharField(max_length=120, required=False)
    settings = serializers.DictField(required=False)
    training = serializers.DictField(required=False)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    snapshot = RowOf(Snapshot, required=False)
    start = RowOf(Checkpoint, required=False)


class RunFilter(filters.FilterSet):
    snapshot = filters.NumberFilter(field_name="snapshot_id")

    class Meta:
        model = Run
        fields = ["state", "method", "queue", "name"]


class RunList(ProjectCall):
    serializer_class = RunRow
    filterset_class = RunFilter
    needs = {"GET": Permission.RUN_VIEW, "POST": Permission.RUN_MANAGE}

    def get_queryset(self):
        return Run.objects.filter(project=self.project).order_by("-id")

    @extend_schema(operation_id="runs_list")
    def get(self, request, slug):
        """Runs, newest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="runs_create", request=NewRun, responses={201: RunWhole})
    def post(self, request, slug):
        """Launch a run: it is queued at once. Every problem of the spec is answered with its path."""
        asked = self.asked(NewRun)
        run = runs.create_run(self.project, by=request.user, **asked)
        return Response(RunWhole(run).data, status=201)


class RunCall(ProjectCall):
    """One run; `self.run` is fetched behind the door."""

    serializer_class = RunWhole

    @property
    def run(self) -> Run:
        return self.row_of(Run)


class RunDetail(RunCall):
    needs = {"GET": Permission.RUN_VIEW}

    @extend_schema(operation_id="runs_read")
    def get(self, request, slug, pk):
        """One run: where it stands, its settings, its newest figures."""
        return Response(RunWhole(self.run).data)


class RunStop(RunCall):
    needs = {"POST": Permission.RUN_MANAGE}

    @extend_schema(operation_id="runs_stop", request=None)
    def post(self, request, slug, pk):
        """Finish the step, write a checkpoint, end."""
        return Response(RunWhole(runs.stop_run(self.run, by=request.user)).data)


class RunPause(RunCall):
    needs = {"POST": Permission.RUN_MANAGE}

    @extend_schema(operation_id="runs_pause", request=None)
    def post(self, request, slug, pk):
        """Finish the step, write a checkpoint, free the worker; resume goes on from there."""
        return Response(RunWhole(runs.pause_run(self.run, by=request.user)).data)


class RunResume(RunCall):
    needs = {"POST": Permission.RUN_MANAGE}

    @extend_schema(operation_id="runs_resume", request=None)
    def post(self, request, slug, pk):
        """Back into the queue, to go on from the newest checkpoint."""
        return Response(RunWhole(runs.resume_run(self.run, by=request.user)).data)


class RunClone(RunCall):
    needs = {"POST": Permission.RUN_MANAGE}

    @extend_schema(operation_id="runs_clone", request=Changes, responses={201: RunWhole})
    def post(self, request, slug, pk):
        """The same again, but for the changes sent."""
        run = runs.clone_run(self.run, by=request.user, **self.asked(Changes))
        return Response(RunWhole(run).data, status=201)
