"""Things to judge: pairs put into the queue, and how far each is."""

from django.db.models import Count, Q
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.api.fields import RowId
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
    pairs = serializers.ListField(
        child=serializers.ListField(child=RowId(), min_length=2, max_length=2),
        min_length=1,
        max_length=1000,
        help_text="Ids of two completions of one prompt each, in true order.",
    )
    overlap = serializers.IntegerField(
        min_value=1, max_value=50, default=None, allow_null=True, help_text="The project's if left out."
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
        """Put pairs of completions into the queue; all of them or, if one is wrong, none."""
        asked = self.asked(NewItems)
        pairs, overlap = asked["pairs"], asked["overlap"]
        made = create_items(self.project, rows=self.rows(pairs), overlap=overlap, by=request.user)
        return Response({"items": [item.pk for item in made]}, status=201)

    def rows(self, pairs):
        ids = {pk for pair in pairs for pk in pair}
        known = Completion.objects.filter(prompt__project=self.project, pk__in=ids).select_related("prompt").in_bulk()
        problems = {}
        for number, (first, second) in enumerate(pairs):
            if first not in known or second not in known or known[first].prompt_id != known[second].prompt_id:
                problems[number] = ["These are not two completions of one prompt of this project."]
            elif first == second:
                problems[number] = ["A completion cannot stand against itself."]
        if problems:
            raise ValidationError({"pairs": problems})
        return [(known[first].prompt, [known[first], known[second]]) for first, second in pairs]
