"""What was said. Raters are numbers here; an annotator sees what is their own."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.models import Judgment, Rater
from annotation.selectors.labelling import given_of


class JudgmentRow(serializers.ModelSerializer):
    item = serializers.IntegerField(source="item_id")
    rater = serializers.IntegerField(source="rater_id", help_text="A number, not a name.")

    class Meta:
        model = Judgment
        fields = [
            "id",
            "item",
            "rater",
            "outcome",
            "scale",
            "strength",
            "value",
            "reason",
            "comment",
            "blind",
            "origin",
            "surplus",
            "withdrawn",
            "revision",
            "active_ms",
            "judged_at",
        ]
        extra_kwargs = {
            "strength": {"help_text": "Of a pair: signed from the first completion's side; 0 is a tie."},
            "value": {"help_text": "The whole answer in true order, as its way to label says it."},
        }


class GivenRow(JudgmentRow):
    """One's own judgment, as it was shown: a signed strength would tell which reply stands first in the data."""

    strength = value = None
    grade = serializers.SerializerMethodField(help_text="The cell chosen, counted from the left; null without one.")
    given = serializers.SerializerMethodField(help_text="The whole answer, in the order shown.")

    class Meta(JudgmentRow.Meta):
        fields = [{"strength": "grade", "value": "given"}.get(name, name) for name in JudgmentRow.Meta.fields]
        extra_kwargs = {}

    def get_given(self, judgment) -> dict:
        return given_of(judgment)

    def get_grade(self, judgment) -> int | None:
        return judgment.shown_value.get("grade")


class JudgmentFilter(filters.FilterSet):
    item = filters.NumberFilter(field_name="item_id")
    rater = filters.NumberFilter(field_name="rater_id")
    rater_kind = filters.ChoiceFilter(field_name="rater__kind", choices=Rater.Kind.choices)
    queue = filters.CharFilter(field_name="item__queue")
    since = filters.IsoDateTimeFilter(field_name="judged_at", lookup_expr="gte")

    class Meta:
        model = Judgment
        fields = ["outcome", "origin", "withdrawn", "surplus"]


class JudgmentList(ProjectCall):
    serializer_class = JudgmentRow
    filterset_class = JudgmentFilter
    needs = {"GET": Permission.OWN_WORK}

    @property
    def sees_all(self) -> bool:
        return Permission.DATA_VIEW.name in self.project.may

    def get_queryset(self):
        rows = Judgment.objects.filter(item__project=self.project, item__published=True).order_by("id")
        return rows if self.sees_all else rows.filter(rater__user=self.request.user)

    @extend_schema(operation_id="judgments_list")
    def get(self, request, slug):
        """Judgments, oldest first; withdrawn and surplus ones too. Annotators get their own, with `grade`."""
        return self.page_of(self.get_queryset(), None if self.sees_all else GivenRow)
