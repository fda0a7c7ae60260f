"""Rubrics, their versions as documents, scores and trials."""

from django.db.models import F
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.models import Rubric, RubricScore, RubricTrial, RubricVersion
from annotation.rubric_document import document
from annotation.selectors import rubrics as selectors
from annotation.services import rubric_trials
from annotation.services import rubrics as services


class RubricRow(serializers.ModelSerializer):
    version = serializers.IntegerField(source="newest", read_only=True, help_text="Number of the newest version.")

    class Meta:
        model = Rubric
        fields = ["id", "name", "description", "version", "created_at"]


class VersionRow(serializers.ModelSerializer):
    class Meta:
        model = RubricVersion
        fields = ["id", "number", "note", "created_at"]


class VersionWhole(VersionRow):
    document = serializers.SerializerMethodField(help_text="Categories with their items and prompts; docs/rubrics.md.")

    class Meta(VersionRow.Meta):
        fields = [*VersionRow.Meta.fields, "document"]

    def get_document(self, version) -> dict:
        return document(selectors.categories_of(version))


class NewVersion(serializers.Serializer):
    document = serializers.DictField(help_text="Categories with their items and prompts; docs/rubrics.md.")
    note = serializers.CharField(max_length=300, default="", allow_blank=True)
    after = serializers.IntegerField(
        default=None, allow_null=True, help_text="Refuse if another version came after this number."
    )


class NewRubric(NewVersion):
    after = None
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=2_000, default="", allow_blank=True)


class RubricList(ProjectCall):
    serializer_class = RubricRow
    needs = {"GET": Permission.PROJECT_VIEW, "POST": Permission.DATA_MANAGE}

    def get_queryset(self):
        return selectors.rubrics(self.project)

    @extend_schema(operation_id="rubrics_list")
    def get(self, request, slug):
        """Rubrics by name."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="rubrics_create", request=NewRubric, responses={201: RubricRow})
    def post(self, request, slug):
        """A rubric with its first version."""
        made = services.create_rubric(self.project, by=request.user, **self.asked(NewRubric))
        return Response(RubricRow(self.get_queryset().get(pk=made.rubric_id)).data, status=201)


class RubricDetail(ProjectCall):
    serializer_class = VersionWhole
    needs = {"GET": Permission.PROJECT_VIEW}

    @extend_schema(operation_id="rubrics_read")
    def get(self, request, slug, pk):
        """The newest version of a rubric."""
        return Response(VersionWhole(selectors.version_of(self.row_of(Rubric))).data)


class RubricVersions(ProjectCall):
    serializer_class = VersionRow
    needs = {"GET": Permission.PROJECT_VIEW, "POST": Permission.DATA_MANAGE}

    def get_queryset(self):
        return self.row_of(Rubric).versions.order_by("-number")

    @extend_schema(operation_id="rubrics_versions")
    def get(self, request, slug, pk):
        """Versions of a rubric, newest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="rubrics_write", request=NewVersion, responses={201: VersionWhole})
    def post(self, request, slug, pk):
        """The next version. Items keep their identity by `key`; an item without one is new."""
        rubric = self.row_of(Rubric)
        made = services.add_version(rubric, by=request.user, **self.asked(NewVersion))
        return Response(VersionWhole(selectors.version_of(rubric, made.number)).data, status=201)


class RubricVersionDetail(ProjectCall):
    serializer_class = VersionWhole
    needs = {"GET": Permission.PROJECT_VIEW}

    @extend_schema(operation_id="rubrics_version_read")
    def get(self, request, slug, pk, number):
        """One version with its document."""
        version = selectors.version_of(self.row_of(Rubric), number)
        if version is None:
            raise Http404
        return Response(VersionWhole(version).data)


class ScoreRow(serializers.ModelSerializer):
    item = serializers.UUIDField(source="item.key")
    version = serializers.IntegerField(help_text="The version it was given for.")
    rater = serializers.IntegerField(source="rater_id", allow_null=True, help_text="None: the item's verifier.")

    class Meta:
        model = RubricScore
        fields = ["id", "item", "version", "completion", "scorer", "rater", "judgment", "score", "confidence", "reason",
                  "critique", "error", "scored_at"]  # fmt: skip


class ScoreFilter(filters.FilterSet):
    item = filters.UUIDFilter(field_name="item__key")
    version = filters.NumberFilter(field_name="item__category__version__number")
    completion = filters.NumberFilter(field_name="completion_id")

    class Meta:
        model = RubricScore
        fields = ["scorer"]


class RubricScores(ProjectCall):
    serializer_class = ScoreRow
    filterset_class = ScoreFilter
    needs = {"GET": Permission.DATA_VIEW}

    def get_queryset(self):
        found = RubricScore.objects.filter(item__category__version__rubric=self.row_of(Rubric))
        return found.select_related("item").annotate(version=F("item__category__version__number")).order_by("id")

    @extend_schema(operation_id="rubrics_scores")
    def get(self, request, slug, pk):
        """Scores, confidences and reasons on the rubric's items, oldest first."""
        return self.page_of(self.get_queryset())


class TrialRow(serializers.ModelSerializer):
    version = serializers.IntegerField(source="version.number")
    completions = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = RubricTrial
        fields = ["id", "version", "prompt_set", "completions", "state", "total", "done", "error", "created_at"]


class NewTrial(serializers.Serializer):
    prompt_set = serializers.CharField(max_length=80, default="", allow_blank=True)
    prompts = serializers.IntegerField(min_value=1, max_value=rubric_trials.MOST_PROMPTS, default=8)
    answers = serializers.IntegerField(min_value=1, max_value=rubric_trials.MOST_ANSWERS, default=2)
    seed = serializers.IntegerField(default=None, allow_null=True, help_text="The same seed draws the same sample.")


class RubricTrials(ProjectCall):
    serializer_class = TrialRow
    needs = {"GET": Permission.DATA_VIEW, "POST": Permission.DATA_MANAGE}

    def get_queryset(self):
        found = RubricTrial.objects.filter(version__rubric=self.row_of(Rubric))
        return found.select_related("version").prefetch_related("completions").order_by("-id")

    @extend_schema(operation_id="rubrics_trials")
    def get(self, request, slug, pk):
        """Trials of a rubric, newest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="rubrics_try", request=NewTrial, responses={202: TrialRow})
    def post(self, request, slug, pk):
        """Draw a sample of completions and let the verifiers of the newest version check them in the background."""
        version = selectors.version_of(self.row_of(Rubric))
        made = rubric_trials.create_trial(version, by=request.user, **self.asked(NewTrial))
        return Response(TrialRow(made).data, status=202)
