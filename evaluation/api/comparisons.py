"""Comparisons: made, generated, opened, and what the votes say. Voting itself is labelling on `compare:<id>`."""

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.api.fields import RowId, RowOf
from annotation.errors import Refused
from evaluation.models import Comparison
from evaluation.selectors import reading, results
from evaluation.selectors.sight import sight_of
from evaluation.services import comparisons
from training.api.generations import Sampling, chosen_prompts
from training.models import Checkpoint


class ComparisonRow(serializers.ModelSerializer):
    queue = serializers.CharField(help_text="What to label for voting: see /label/next/.")
    checkpoints = serializers.SerializerMethodField()

    class Meta:
        model = Comparison
        fields = [
            "id",
            "name",
            "state",
            "error",
            "queue",
            "checkpoints",
            "prompt_set",
            "overlap",
            "created_at",
            "ready_at",
        ]

    def get_checkpoints(self, comparison) -> list[int]:
        return [entry.checkpoint_id for entry in comparison.entries.all()]


class Share(serializers.Serializer):
    number = serializers.IntegerField()
    state = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    error = serializers.CharField()


class ComparisonWhole(ComparisonRow):
    progress = serializers.SerializerMethodField()
    left_for_you = serializers.SerializerMethodField(help_text="Pairs that wait for your vote.")
    revealed = serializers.SerializerMethodField(help_text="Whether you may see names and results.")

    class Meta(ComparisonRow.Meta):
        fields = [*ComparisonRow.Meta.fields, "progress", "left_for_you", "revealed"]

    @extend_schema_field(Share(many=True))
    def get_progress(self, comparison):
        return Share(reading.progress(comparison), many=True).data

    def get_left_for_you(self, comparison) -> int:
        return self.context["sight"].left

    def get_revealed(self, comparison) -> bool:
        return self.context["sight"].revealed


class NewComparison(serializers.Serializer):
    checkpoints = serializers.ListField(child=RowOf(Checkpoint), min_length=2, max_length=comparisons.MOST)
    prompt_set = serializers.CharField(max_length=80, required=False)
    prompts = serializers.ListField(child=RowId(), max_length=2000, required=False, help_text="Instead of a set.")
    sampling = Sampling(default=dict)
    name = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    overlap = serializers.IntegerField(min_value=1, max_value=50, default=3, help_text="Voters a pair.")
    scorers = serializers.ListField(
        child=RowOf(Checkpoint), max_length=4, required=False, default=list, help_text="Reward models."
    )

    def validate(self, asked):
        if bool(asked.get("prompts")) == bool(asked.get("prompt_set")):
            raise ValidationError("Name either prompts or a prompt set.")
        return asked


class Rate(serializers.Serializer):
    title = serializers.CharField()
    first = serializers.IntegerField(source="first.checkpoint", allow_null=True)
    second = serializers.IntegerField(source="second.checkpoint", allow_null=True)
    rate = serializers.FloatField(source="rate.rate", help_text="How often the first beats the second; a tie is half.")
    low = serializers.FloatField(source="rate.low", allow_null=True)
    high = serializers.FloatField(source="rate.high", allow_null=True)
    votes = serializers.IntegerField(source="rate.votes")
    ties = serializers.IntegerField(source="rate.ties")


class Standing(serializers.Serializer):
    contender = serializers.SerializerMethodField()
    checkpoint = serializers.SerializerMethodField()
    ranks = serializers.ListField(child=serializers.IntegerField(), help_text="Best and worst rank the votes allow.")
    score = serializers.FloatField(help_text="Bradley-Terry, on the Elo scale, above the baseline.")
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    votes = serializers.IntegerField()
    both_bad = serializers.IntegerField()

    def get_contender(self, row) -> str:
        return self.context["contenders"][row.player].name

    def get_checkpoint(self, row) -> int | None:
        return self.context["contenders"][row.player].checkpoint


class Over(serializers.Serializer):
    votes = serializers.IntegerField()
    prompts = serializers.IntegerField()
    people = serializers.IntegerField()
    simulated = serializers.IntegerField()
    judges = serializers.IntegerField()
    both_bad = serializers.IntegerField()
    open = serializers.IntegerField(help_text="Votes left out because their givers knew the names.")


class ResultsRow(serializers.Serializer):
    over = Over()
    rates = Rate(many=True)
    standings = Standing(many=True)


class ComparisonList(ProjectCall):
    serializer_class = ComparisonRow
    needs = {"GET": Permission.EVALUATION_VIEW, "POST": Permission.EVALUATE}

    def get_queryset(self):
        return Comparison.objects.filter(project=self.project).prefetch_related("entries").order_by("-id")

    @extend_schema(operation_id="comparisons_list")
    def get(self, request, slug):
        """Comparisons, newest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="comparisons_create", request=NewComparison, responses={202: ComparisonRow})
    def post(self, request, slug):
        """Have two to four checkpoints answer the same prompts, and put every pair of answers to the vote."""
        asked = self.asked(NewComparison)
        made = comparisons.create_comparison(
            self.project,
            by=request.user,
            prompts=chosen_prompts(self.project, asked),
            sampling=dict(asked.pop("sampling")),
            prompt_set=asked.pop("prompt_set", ""),
            **{key: value for key, value in asked.items() if key != "prompts"},
        )
        return Response(ComparisonRow(made).data, status=202)


class ComparisonCall(ProjectCall):
    """One comparison; its project carries what this person may do."""

    @property
    def comparison(self) -> Comparison:
        found = self.row_of(Comparison)
        found.project = self.project
        return found


class ComparisonDetail(ComparisonCall):
    serializer_class = ComparisonWhole
    needs = {"GET": Permission.EVALUATION_VIEW}

    @extend_schema(operation_id="comparisons_read")
    def get(self, request, slug, pk):
        """How far the answers are, and what waits for your vote."""
        comparison = self.comparison
        sight = sight_of(comparison, request.user)
        return Response(ComparisonWhole(comparison, context={"sight": sight}).data)


class ComparisonResults(ComparisonCall):
    serializer_class = ResultsRow
    needs = {"GET": Permission.EVALUATION_VIEW}

    @extend_schema(operation_id="comparisons_results")
    def get(self, request, slug, pk):
        """Win rates and Bradley-Terry scores with their intervals, and what they are over."""
        comparison = self.comparison
        if not sight_of(comparison, request.user).revealed:
            raise Refused(
                "Pairs still wait for your vote: names and results are shown when your sitting has ended.",
                code="blind",
                status=409,
            )
        found = results.of_comparison(comparison)
        standings = found.board.rows if found.board else ()
        body = {"over": found.over, "rates": found.rates, "standings": standings}
        return Response(ResultsRow(body, context={"contenders": found.contenders}).data)


class ComparisonRetry(ComparisonCall):
    serializer_class = ComparisonRow
    needs = {"POST": Permission.EVALUATE}

    @extend_schema(operation_id="comparisons_retry", request=None)
    def post(self, request, slug, pk):
        """Ask again for what failed; answers that are there stay."""
        comparison = self.comparison
        comparisons.retry(comparison, by=request.user)
        comparison.refresh_from_db()
        return Response(ComparisonRow(comparison).data)


class ComparisonOpen(ComparisonCall):
    serializer_class = ComparisonRow
    needs = {"POST": Permission.EVALUATE}

    @extend_schema(operation_id="comparisons_open", request=None)
    def post(self, request, slug, pk):
        """Look behind the names. From now on your votes here are not blind, and are marked so."""
        comparison = self.comparison
        comparisons.open_comparison(comparison, by=request.user)
        return Response(ComparisonRow(comparison).data)
