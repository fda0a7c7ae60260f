"""Things to judge: completions put into a task's queue, and how far each is."""

from django.db.models import Count, Q
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.api.fields import RowId
from annotation.interfaces import interface
from annotation.models import Completion, Item
from annotation.services.items import create_items


class ItemRow(serializers.ModelSerializer):
    prompt = serializers.IntegerField(source="prompt_id")
    completions = serializers.SerializerMethodField(help_text="Ids in true order: the first, then the second.")
    judgments = serializers.IntegerField(source="standing", help_text="How many stand.")

    class Meta:
        model = Item
        fields = ["id", "queue", "interface", "prompt", "completions", "overlap", "open_slots", "judgments"]

    def get_completions(self, item) -> list[int]:
        return [entry.completion_id for entry in item.entries.all()]


class NewItems(serializers.Serializer):
    queue = serializers.CharField(max_length=80, default="label", help_text="The task's: `label` or `task:<key>`.")
    groups = serializers.ListField(
        child=serializers.ListField(child=RowId(), min_length=1, max_length=9),
        min_length=1,
        max_length=1000,
        help_text="Ids of the completions of one prompt that stand together, in true order; two for a pair.",
    )
    overlap = serializers.IntegerField(
        min_value=1, max_value=50, default=None, allow_null=True, help_text="The task's if left out."
    )


class MadeItems(serializers.Serializer):
    items = serializers.ListField(child=serializers.IntegerField())


class ItemFilter(filters.FilterSet):
    prompt = filters.NumberFilter(field_name="prompt_id")
    open = filters.BooleanFilter(method="by_open", label="Whether it still has slots.")

    class Meta:
        model = Item
        fields = ["queue"]

    def by_open(self, rows, _name, value):
        return rows.filter(open_slots__gt=0) if value else rows.filter(open_slots=0)


class ItemList(ProjectCall):
    serializer_class = ItemRow
    filterset_class = ItemFilter
    needs = {"GET": Permission.DATA_VIEW, "POST": Permission.DATA_MANAGE}

    def get_queryset(self):
        standing = Count("judgments", filter=Q(judgments__withdrawn=False))
        rows = Item.objects.filter(project=self.project, published=True).annotate(standing=standing)
        return rows.prefetch_related("entries").order_by("id")

    @extend_schema(operation_id="items_list")
    def get(self, request, slug):
        """Items, oldest first, with what was said of them so far."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="items_create", request=NewItems, responses={201: MadeItems})
    def post(self, request, slug):
        """Put completions into a task's queue, as it shows them: pairs, single ones, several to rank; all or none."""
        asked = self.asked(NewItems)
        task = self.project.tasks.filter(queue=asked["queue"]).first()
        if task is None:
            raise ValidationError({"queue": ["There is no such task in this project."]})
        rows = self.rows(task, asked["groups"])
        made = create_items(self.project, by=request.user, rows=rows, queue=task.queue, overlap=asked["overlap"])
        return Response({"items": [item.pk for item in made]}, status=201)

    def rows(self, task, groups):
        least, most = interface(task.interface).COMPLETIONS
        ids = {pk for group in groups for pk in group}
        known = Completion.objects.filter(prompt__project=self.project, pk__in=ids).select_related("prompt").in_bulk()
        problems = {}
        for number, group in enumerate(groups):
            if len({known[pk].prompt_id if pk in known else None for pk in group}) > 1 or group[0] not in known:
                problems[number] = ["These are not completions of one prompt of this project."]
            elif len(set(group)) < len(group):
                problems[number] = ["A completion cannot stand against itself."]
            elif not least <= len(group) <= most:
                takes = f"{least}" if least == most else f"{least} to {most}"
                problems[number] = [f"The task takes {takes} completions an item; here are {len(group)}."]
        if problems:
            raise ValidationError({"groups": problems})
        return [(known[group[0]].prompt, [known[pk] for pk in group]) for group in groups]
