"""Judges, their versions with what their verdicts are worth, and having one judge."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.api.feedback import FeedbackJobRow
from annotation.api.fields import RowOf
from annotation.judging import comparing, rules, verdicts
from annotation.models import ConstitutionVersion, Judge, JudgeVersion, Source
from annotation.services.feedback.jobs import request_judging
from annotation.services.judges import add_judge_version, create_judge


class JudgeVersionRow(serializers.ModelSerializer):
    figures = extend_schema_field(OpenApiTypes.OBJECT)(
        serializers.JSONField(
            help_text="Each {value, low, high, n}; null below thirty. docs/judges.md says what each is."
        )
    )

    class Meta:
        model = JudgeVersion
        fields = [
            "id", "number", "source", "rule", "options", "mode", "combine", "system", "template", "constitution",
            "principles_drawn", "change_note", "figures", "measured_at", "created_at",
        ]  # fmt: skip


class JudgeRow(serializers.ModelSerializer):
    versions = serializers.SerializerMethodField(help_text="Newest first.")

    class Meta:
        model = Judge
        fields = ["id", "name", "created_at", "retired_at", "versions"]

    @extend_schema_field(JudgeVersionRow(many=True))
    def get_versions(self, judge) -> list[dict]:
        rows = sorted(judge.versions.all(), key=lambda version: -version.number)
        return JudgeVersionRow(rows, many=True).data


class NewJudgeVersion(serializers.Serializer):
    source = RowOf(Source, default=None, allow_null=True, help_text="Id of a model's or endpoint's source; or a rule.")
    rule = serializers.ChoiceField(choices=sorted(rules.MEASURES), required=False, default="", allow_blank=True)
    mode = serializers.ChoiceField(choices=list(comparing.MODES.items()))
    combine = serializers.ChoiceField(choices=list(verdicts.RULES.items()), default="agree")
    system = serializers.CharField(max_length=10_000, required=False, default="", allow_blank=True)
    template = serializers.CharField(
        max_length=20_000, required=False, default="", allow_blank=True, help_text="Empty: the house's own."
    )
    constitution = RowOf(
        ConstitutionVersion,
        through="constitution__project",
        default=None,
        allow_null=True,
        help_text="Id of a version.",
    )
    principles_drawn = serializers.IntegerField(min_value=0, max_value=100, default=1)
    options = serializers.DictField(required=False, default=dict, help_text="keywords, max_new_tokens.")
    change_note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class NewJudge(NewJudgeVersion):
    name = serializers.CharField(max_length=80)


class JudgeList(ProjectCall):
    serializer_class = JudgeRow
    needs = {"GET": Permission.PROJECT_VIEW, "POST": Permission.DATA_MANAGE}

    def get_queryset(self):
        return Judge.objects.filter(project=self.project).prefetch_related("versions").order_by("-id")

    @extend_schema(operation_id="judges_list")
    def get(self, request, slug):
        """Judges with their versions and figures, newest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="judges_create", request=NewJudge, responses={201: JudgeRow})
    def post(self, request, slug):
        """A judge with its first version: a model or a rule, how it is asked, how two orders become one verdict."""
        made = create_judge(self.project, by=request.user, **self.asked(NewJudge))
        return Response(JudgeRow(made).data, status=201)


class JudgeDetail(ProjectCall):
    serializer_class = JudgeRow
    needs = {"GET": Permission.PROJECT_VIEW}

    @extend_schema(operation_id="judges_read")
    def get(self, request, slug, pk):
        """One judge with all its versions."""
        return Response(JudgeRow(self.row_of(Judge)).data)


class JudgeVersions(ProjectCall):
    serializer_class = JudgeVersionRow
    needs = {"POST": Permission.DATA_MANAGE}

    @extend_schema(operation_id="judges_add_version", request=NewJudgeVersion, responses={201: JudgeVersionRow})
    def post(self, request, slug, pk):
        """A new version, which is a rater of its own."""
        made = add_judge_version(self.row_of(Judge), by=request.user, **self.asked(NewJudgeVersion))
        return Response(JudgeVersionRow(made).data, status=201)


class Judging(serializers.Serializer):
    queue = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    prompt_set = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    with_people = serializers.BooleanField(default=False, help_text="Only pairs that somebody has judged.")
    most = serializers.IntegerField(min_value=1, max_value=100_000, default=1000)
    seed = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, default=0, help_text="Which principles are drawn."
    )


class JudgeRun(ProjectCall):
    serializer_class = FeedbackJobRow
    needs = {"POST": Permission.DATA_MANAGE}

    @extend_schema(operation_id="judges_run", request=Judging, responses={202: FeedbackJobRow})
    def post(self, request, slug, pk):
        """Have the newest version compare pairs it has not judged; in the background, each in both orders."""
        version = self.row_of(Judge).versions.select_related("judge__project").order_by("-number").first()
        job = request_judging(version, by=request.user, **self.asked(Judging))
        job.refresh_from_db()
        return Response(FeedbackJobRow(job).data, status=202)
