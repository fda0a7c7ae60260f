"""Answers of a checkpoint or an endpoint to prompts, made by a worker."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.api.fields import RowId, RowOf
from annotation.models import Endpoint, GenerationRequest, GenerationRow, Prompt
from annotation.services import generation
from training.models import Checkpoint


class Sampling(serializers.Serializer):
    temperature = serializers.FloatField(min_value=0, max_value=5, default=1.0)
    max_new_tokens = serializers.IntegerField(min_value=1, max_value=4096, default=128)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)


class NewGeneration(serializers.Serializer):
    checkpoint = RowOf(Checkpoint, required=False)
    endpoint = RowOf(Endpoint, required=False, help_text="Instead of `checkpoint`.")
    prompts = serializers.ListField(child=RowId(), max_length=generation.MOST_PROMPTS, required=False)
    prompt_set = serializers.CharField(max_length=80, required=False, help_text="Instead of `prompts`.")
    sampling = Sampling(default=dict)

    def validate_checkpoint(self, checkpoint):
        if checkpoint.source is None:
            raise ValidationError("This is a reward model: it writes no answers.")
        return checkpoint

    def validate(self, asked):
        if bool(asked.get("checkpoint")) == bool(asked.get("endpoint")):
            raise ValidationError("Name either a checkpoint or an endpoint.")
        if bool(asked.get("prompts")) == bool(asked.get("prompt_set")):
            raise ValidationError("Name either prompts or a prompt set.")
        return asked


class GenerationState(serializers.ModelSerializer):
    class Meta:
        model = GenerationRequest
        fields = ["id", "state", "total", "done", "sampling", "error", "created_at", "finished_at"]


class GenerationAnswer(serializers.ModelSerializer):
    prompt = serializers.IntegerField(source="prompt_id")
    text = serializers.CharField(source="completion.text", default=None, allow_null=True)

    class Meta:
        model = GenerationRow
        fields = ["prompt", "text"]


class GenerationList(ProjectCall):
    serializer_class = GenerationState
    needs = {"GET": Permission.DATA_VIEW, "POST": Permission.EVALUATE}

    def get_queryset(self):
        return GenerationRequest.objects.filter(project=self.project).order_by("-id")

    @extend_schema(operation_id="generations_list")
    def get(self, request, slug):
        """Requests, newest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="generations_create", request=NewGeneration, responses={202: GenerationState})
    def post(self, request, slug):
        """Ask a checkpoint or an endpoint for one answer to each prompt."""
        asked = self.asked(NewGeneration)
        made = generation.request_generation(
            self.project,
            source=(asked.get("checkpoint") or asked["endpoint"]).source,
            prompts=chosen_prompts(self.project, asked),
            sampling=dict(asked["sampling"]),
            by=request.user,
        )
        return Response(GenerationState(made).data, status=202)


def chosen_prompts(project, asked: dict) -> list[Prompt]:
    """The published prompts that `asked` names by id or by set."""
    rows = Prompt.objects.filter(project=project, published=True).order_by("id")
    if asked.get("prompt_set"):
        return list(rows.filter(prompt_set=asked["prompt_set"])[: generation.MOST_PROMPTS])
    found = list(rows.filter(pk__in=asked["prompts"]))
    if unknown := sorted(set(asked["prompts"]) - {prompt.pk for prompt in found}):
        raise ValidationError({"prompts": [f"This project has no prompts {', '.join(map(str, unknown[:10]))}."]})
    return found


class GenerationDetail(ProjectCall):
    serializer_class = GenerationState
    needs = {"GET": Permission.DATA_VIEW, "DELETE": Permission.EVALUATE}

    @extend_schema(operation_id="generations_read")
    def get(self, request, slug, pk):
        """How far it is."""
        return Response(GenerationState(self.row_of(GenerationRequest)).data)

    @extend_schema(operation_id="generations_cancel", responses={200: GenerationState})
    def delete(self, request, slug, pk):
        """Make no more answers; those that are there stay."""
        row = self.row_of(GenerationRequest)
        generation.cancel_generation(row)
        row.refresh_from_db()
        return Response(GenerationState(row).data)


class GenerationRetry(ProjectCall):
    serializer_class = GenerationState
    needs = {"POST": Permission.EVALUATE}

    @extend_schema(operation_id="generations_retry", request=None, responses={202: GenerationState})
    def post(self, request, slug, pk):
        """Ask again for what is missing, after a failure or a cancellation."""
        row = self.row_of(GenerationRequest)
        generation.retry_generation(row, by=request.user)
        row.refresh_from_db()
        return Response(GenerationState(row).data, status=202)


class GenerationAnswers(ProjectCall):
    serializer_class = GenerationAnswer
    needs = {"GET": Permission.DATA_VIEW}

    def get_queryset(self):
        asked = get_object_or_404(GenerationRequest, project=self.project, pk=self.kwargs["pk"])
        return GenerationRow.objects.filter(request=asked).select_related("completion").order_by("id")

    @extend_schema(operation_id="generations_answers")
    def get(self, request, slug, pk):
        """The answers so far; null where none is there yet."""
        return self.page_of(self.get_queryset())
