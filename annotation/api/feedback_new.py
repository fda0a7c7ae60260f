"""Starting what models are asked to do beside judging: one call a kind."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.api.feedback import FeedbackJobRow
from annotation.api.fields import RowOf
from annotation.judging import critique, debate
from annotation.models import ConstitutionVersion, JudgeVersion, Source
from annotation.services.feedback import critiquing, debating, deliberating, inverting

WHOLE = 2**31 - 1


class Asked(serializers.Serializer):
    """What all of them take."""

    most = serializers.IntegerField(min_value=1, max_value=2000, default=100)
    temperature = serializers.FloatField(min_value=0, max_value=2, default=1.0)
    max_new_tokens = serializers.IntegerField(min_value=1, max_value=4096, default=400)
    seed = serializers.IntegerField(min_value=0, max_value=WHOLE, default=0)


class NewChains(Asked):
    writer = RowOf(Source, help_text="Id of a model's or endpoint's source.")
    constitution = RowOf(ConstitutionVersion, through="constitution__project", help_text="Id of a version.")
    prompt_set = serializers.CharField(max_length=80)
    revisions = serializers.IntegerField(min_value=1, max_value=critique.MOST_REVISIONS, default=2)
    kept = serializers.ChoiceField(choices=sorted(critique.KEPT), default="last")


class NewDeliberation(Asked):
    writer = RowOf(Source)
    judge = RowOf(JudgeVersion, through="judge__project", help_text="Id of a version that rates single answers.")
    constitution = RowOf(ConstitutionVersion, through="constitution__project")
    prompt_set = serializers.CharField(max_length=80)
    runs = serializers.IntegerField(min_value=1, max_value=8, default=2)
    threshold = serializers.FloatField(min_value=1, max_value=10, default=7.0)


class NewDebates(Asked):
    writer = RowOf(Source)
    judge = RowOf(JudgeVersion, through="judge__project", help_text="Id of a version that compares two answers.")
    queue = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    rounds = serializers.IntegerField(min_value=1, max_value=5, default=2)
    turns = serializers.ChoiceField(choices=sorted(debate.KINDS), default="sequential")


class NewInverse(Asked):
    writer = RowOf(Source, default=None, allow_null=True, help_text="Null: among what can be counted.")
    queue = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    clusters = serializers.IntegerField(min_value=2, max_value=50, default=12)
    kept = serializers.IntegerField(min_value=1, max_value=20, default=5)


class _Start(ProjectCall):
    serializer_class = FeedbackJobRow
    needs = {"POST": Permission.DATA_MANAGE}

    def started(self, serializer_class, service):
        job = service(self.project, by=self.request.user, **self.asked(serializer_class))
        job.refresh_from_db()
        return Response(FeedbackJobRow(job).data, status=202)


class ChainsStart(_Start):
    @extend_schema(operation_id="feedback_critique", request=NewChains, responses={202: FeedbackJobRow})
    def post(self, request, slug):
        """Critique and revision: a model corrects its own answers by principles; the revisions are demonstrations."""
        return self.started(NewChains, critiquing.request_chains)


class DeliberationStart(_Start):
    @extend_schema(operation_id="feedback_deliberation", request=NewDeliberation, responses={202: FeedbackJobRow})
    def post(self, request, slug):
        """Deliberation: answers reasoned under a specification, rated, kept without it."""
        return self.started(NewDeliberation, deliberating.request_deliberation)


class DebatesStart(_Start):
    @extend_schema(operation_id="feedback_debate", request=NewDebates, responses={202: FeedbackJobRow})
    def post(self, request, slug):
        """Debates about pairs on which people's majority takes a side, with sides swapped."""
        return self.started(NewDebates, debating.request_debates)


class InverseStart(_Start):
    @extend_schema(operation_id="feedback_inverse", request=NewInverse, responses={202: FeedbackJobRow})
    def post(self, request, slug):
        """Find the principles that explain what people chose."""
        return self.started(NewInverse, inverting.request_inverse)
