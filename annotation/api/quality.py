"""Quality: the newest report, its raters, what people disagree on, who judged; and asking for a newer one."""

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.models import Disagreement, QualityReport, RaterFigures
from annotation.quality.worth import worth
from annotation.selectors import quality
from annotation.selectors.quality import Scope
from annotation.selectors.representation import representation
from annotation.services.quality import request_report

_SCOPE = [
    OpenApiParameter("queue", str, description="A task's queue; all of them if left out."),
    OpenApiParameter("since", str, description="A report over days is named by its days."),
    OpenApiParameter("until", str),
]


class ScopeFields(serializers.Serializer):
    queue = serializers.CharField(required=False, default="", max_length=80, allow_blank=True)
    since = serializers.DateField(required=False, default=None, allow_null=True)
    until = serializers.DateField(required=False, default=None, allow_null=True)

    def scope(self) -> Scope:
        told = self.validated_data
        days = (told[name].isoformat() if told[name] else "" for name in ("since", "until"))
        return Scope(told["queue"], *days)


class ReportRow(serializers.ModelSerializer):
    worth = serializers.SerializerMethodField(help_text="The figures in sentences.")

    class Meta:
        model = QualityReport
        fields = ["id", "queue", "since", "until", "state", "error", "judgments_done", "judgments_total", "created_at",
                  "finished_at", "body", "worth"]  # fmt: skip

    def get_worth(self, report) -> list[dict]:
        return worth(report.body) if report.body else []


class RaterRow(serializers.ModelSerializer):
    id = serializers.IntegerField(source="rater_id")
    name = serializers.SerializerMethodField(help_text="A number for people, unless you lead.")
    kind = serializers.CharField(source="rater.kind")

    class Meta:
        model = RaterFigures
        fields = ["id", "name", "kind", "judgments", "right", "weight", "figures"]

    def get_name(self, row) -> str:
        return quality.name_of(self.context["view"].project, row.rater)


class DisagreementRow(serializers.ModelSerializer):
    item = serializers.IntegerField(source="item_id")

    class Meta:
        model = Disagreement
        fields = ["item", "score", "voices"]


class QualityCall(ProjectCall):
    """A call about one report: the newest of the scope that its query names."""

    def scope(self) -> Scope:
        asked = ScopeFields(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return asked.scope()

    def report(self) -> QualityReport:
        found = quality.ready_report(self.project, self.scope())
        if found is None:
            raise Http404("No report of this scope is ready; ask for one with POST.")
        return found


class Quality(QualityCall):
    serializer_class = ReportRow
    needs = {"GET": Permission.PROJECT_VIEW, "POST": Permission.DATA_MANAGE}

    @extend_schema(operation_id="quality_read", parameters=_SCOPE)
    def get(self, request, slug):
        """The newest report: agreement, pulls, circles, faults, week by week; it names nobody."""
        return Response(ReportRow(self.report()).data)

    @extend_schema(operation_id="quality_compute", request=ScopeFields, responses={202: ReportRow})
    def post(self, request, slug):
        """Ask for a report over what there is now. One that is under way already is answered in its place."""
        asked = ScopeFields(data=request.data)
        asked.is_valid(raise_exception=True)
        made = request_report(self.project, by=request.user, **asked.scope().fields)
        made.refresh_from_db()
        return Response(ReportRow(made).data, status=202)


class QualityRaters(QualityCall):
    serializer_class = RaterRow
    needs = {"GET": Permission.DATA_VIEW}

    @extend_schema(operation_id="quality_raters", parameters=_SCOPE)
    def get(self, request, slug):
        """Everybody in the newest report, those with most judgments first."""
        rows = RaterFigures.objects.filter(report=self.report()).select_related("rater")
        return self.page_of(rows.order_by("-judgments", "rater_id"))


class QualityRater(QualityCall):
    serializer_class = RaterRow
    needs = {"GET": Permission.DATA_VIEW}

    @extend_schema(operation_id="quality_rater", parameters=_SCOPE)
    def get(self, request, slug, pk):
        """One rater's figures: speed, known answers, repeats, pulls, agreement with others, reliability, findings."""
        row = quality.rater_figures(self.project, self.report(), pk)
        if row is None:
            raise Http404
        return Response(RaterRow(row, context=self.get_serializer_context()).data)


class QualityDisagreements(QualityCall):
    serializer_class = DisagreementRow
    needs = {"GET": Permission.DATA_VIEW}

    @extend_schema(
        operation_id="quality_disagreements",
        parameters=[*_SCOPE, OpenApiParameter("kind", str, enum=[kind for kind in quality.KINDS if kind])],
    )
    def get(self, request, slug):
        """Items of the newest report on which people are apart, furthest first."""
        kind = request.query_params.get("kind", "")
        return self.page_of(quality.disagreements(self.report(), kind=kind if kind in quality.KINDS else ""))


class QualityCircles(QualityCall):
    needs = {"GET": Permission.DATA_VIEW}

    @extend_schema(operation_id="quality_circles", parameters=_SCOPE, responses={200: OpenApiTypes.OBJECT})
    def get(self, request, slug):
        """Circular triads: the rater and the three items, A over B, B over C, C over A."""
        report = self.report()
        return Response({"triads": report.body["triads"], "circles": report.circles})


class QualityRepresentation(QualityCall):
    needs = {"GET": Permission.PROJECT_VIEW}

    @extend_schema(operation_id="quality_representation", parameters=_SCOPE, responses={200: OpenApiTypes.OBJECT})
    def get(self, request, slug):
        """Who judged, as far as people said; small groups are hidden."""
        told = representation(self.report())
        fields = {
            title: [{"value": cell.value, "people": cell.people, "share": cell.share} for cell in cells]
            for title, cells in told["fields"]
        }
        return Response({**told, "fields": fields})
