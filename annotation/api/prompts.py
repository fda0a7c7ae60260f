"""Prompts with their completions."""

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.models import Completion, Prompt
from annotation.services import prompts


class Message(serializers.Serializer):
    role = serializers.ChoiceField(choices=["system", "user", "assistant"])
    content = serializers.CharField(trim_whitespace=False, max_length=200_000)


class CompletionRow(serializers.ModelSerializer):
    source = serializers.UUIDField(source="source.uid", read_only=True, help_text="Opaque: who wrote it.")

    class Meta:
        model = Completion
        fields = ["id", "source", "text", "sampling", "created_at"]


class PromptRow(serializers.ModelSerializer):
    messages = Message(many=True)

    class Meta:
        model = Prompt
        fields = ["id", "messages", "prompt_set", "category", "tags", "reference", "created_at"]


class PromptWithCompletions(PromptRow):
    completions = CompletionRow(many=True)

    class Meta(PromptRow.Meta):
        fields = [*PromptRow.Meta.fields, "completions"]


class NewCompletion(serializers.Serializer):
    text = serializers.CharField(trim_whitespace=False, allow_blank=True, max_length=200_000)
    source = serializers.CharField(max_length=200, help_text="A name of yours for who wrote it, such as `model-7`.")


class NewPrompt(serializers.Serializer):
    messages = Message(many=True, allow_empty=False)
    prompt_set = serializers.CharField(max_length=80, default="", allow_blank=True)
    category = serializers.CharField(max_length=80, default="", allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=80), default=list, max_length=50)
    reference = serializers.CharField(default="", allow_blank=True, max_length=200_000)
    completions = NewCompletion(many=True, required=False, default=list)

    def validate_messages(self, messages):
        if messages[-1]["role"] != "user":
            raise serializers.ValidationError("The last turn must be the user's: a prompt asks for a reply.")
        return [dict(message) for message in messages]


class PromptFilter(filters.FilterSet):
    class Meta:
        model = Prompt
        fields = ["prompt_set", "category"]


class PromptList(ProjectCall):
    serializer_class = PromptRow
    filterset_class = PromptFilter
    needs = {"GET": Permission.DATA_VIEW, "POST": Permission.DATA_MANAGE}

    def get_queryset(self):
        return Prompt.objects.filter(project=self.project, published=True).order_by("id")

    @extend_schema(operation_id="prompts_list")
    def get(self, request, slug):
        """Prompts, oldest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="prompts_create", request=NewPrompt, responses={201: PromptWithCompletions})
    def post(self, request, slug):
        """Add a prompt, with completions if there are any. Sending the same again changes nothing."""
        row = self.asked(NewPrompt)
        completions = row.pop("completions")
        prompt = prompts.add_prompt(self.project, by=request.user, completions=completions, **row)
        return Response(PromptWithCompletions(prompt).data, status=201)


class PromptDetail(ProjectCall):
    serializer_class = PromptWithCompletions
    needs = {"GET": Permission.DATA_VIEW}

    @extend_schema(operation_id="prompts_read")
    def get(self, request, slug, pk):
        """One prompt and its completions. Who wrote them is told by opaque ids only."""
        written = Prefetch("completions", Completion.objects.select_related("source").order_by("id"))
        rows = Prompt.objects.filter(project=self.project, published=True).prefetch_related(written)
        return Response(PromptWithCompletions(get_object_or_404(rows, pk=pk)).data)
