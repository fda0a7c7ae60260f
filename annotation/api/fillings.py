"""Filling a task with items of completions that are there."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.grouping import GROUPINGS
from annotation.models import Filling, Source
from annotation.selectors.fillings import Choice, count
from annotation.services.fillings import check, start_filling


class FillingRow(serializers.ModelSerializer):
    queue = serializers.CharField(source="task.queue")

    class Meta:
        model = Filling
        fields = ["id", "queue", "state", "expected", "made", "duplicates", "same_text", "created_at", "finished_at"]


class NewFilling(serializers.Serializer):
    queue = serializers.CharField(max_length=80, default="label", help_text="The task's: `label` or `task:<key>`.")
    grouping = serializers.ChoiceField(
        choices=list(GROUPINGS),
        help_text="`each` completion alone, `all` of a prompt together, `pairs`: every two of a prompt, `two`: each of "
        "`first` against each of `second`.",
    )
    prompt_set = serializers.CharField(max_length=80, default="", allow_blank=True)
    category = serializers.CharField(max_length=80, default="", allow_blank=True)
    sources = serializers.ListField(
        child=serializers.UUIDField(), default=list, max_length=100, help_text="By whom; empty is by anybody."
    )
    first = serializers.UUIDField(default=None, allow_null=True, help_text="A source, with `two`.")
    second = serializers.UUIDField(default=None, allow_null=True)
    limit = serializers.IntegerField(default=0, min_value=0, max_value=1000, help_text="Items of one prompt; 0 is all.")
    count_only = serializers.BooleanField(default=False, help_text="Only say how many items there would be.")


class CountedItems(serializers.Serializer):
    prompts = serializers.IntegerField()
    completions = serializers.IntegerField()
    items = serializers.IntegerField(help_text="Less those that are there already.")


class FillingList(ProjectCall):
    serializer_class = FillingRow
    needs = {"GET": Permission.DATA_VIEW, "POST": Permission.DATA_MANAGE}

    @extend_schema(operation_id="fillings_list")
    def get(self, request, slug):
        """Fillings, newest first."""
        return self.page_of(Filling.objects.filter(project=self.project).select_related("task").order_by("-id"))

    @extend_schema(operation_id="fillings_create", request=NewFilling, responses={201: FillingRow, 200: CountedItems})
    def post(self, request, slug):
        """Add items of completions to a task: many are made in the background. Or only count them."""
        asked = self.asked(NewFilling)
        task = self.project.tasks.filter(queue=asked.pop("queue")).first()
        if task is None:
            raise ValidationError({"queue": ["There is no such task in this project."]})
        choice, only = self.choice(asked), asked["count_only"]
        if only:
            check(task, choice)
            return Response(CountedItems(count(task, choice)).data)
        filling = start_filling(self.project, by=request.user, task=task, choice=choice)
        return Response(FillingRow(filling).data, status=201)

    def choice(self, asked: dict) -> Choice:
        named = {*asked["sources"], asked["first"], asked["second"]} - {None}
        known = dict(Source.objects.filter(project=self.project, uid__in=named).values_list("uid", "pk"))
        if missing := named - known.keys():
            raise ValidationError({"sources": [f"There is no source {', '.join(sorted(map(str, missing)))}."]})
        return Choice(
            grouping=asked["grouping"],
            prompt_set=asked["prompt_set"],
            category=asked["category"],
            sources=tuple(known[uid] for uid in asked["sources"]),
            first=known.get(asked["first"]),
            second=known.get(asked["second"]),
            limit=asked["limit"],
        )


class FillingDetail(ProjectCall):
    serializer_class = FillingRow
    needs = {"GET": Permission.DATA_VIEW}

    @extend_schema(operation_id="fillings_read")
    def get(self, request, slug, pk):
        """How far one filling is."""
        return Response(FillingRow(self.row_of(Filling)).data)
