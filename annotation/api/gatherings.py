"""More responses: several models, several tries, and items made of what comes."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.api.fields import RowId, RowOf
from annotation.models import Gathering, Prompt, Task
from annotation.selectors.gatherings import gatherings_of, live_sources, source_words, standing
from annotation.services import gatherings
from annotation.services.generation import MOST_PROMPTS


class LiveSource(serializers.Serializer):
    source = serializers.UUIDField(source="uid")
    kind = serializers.CharField()
    name = serializers.CharField(source="words")


class GatheringSampling(serializers.Serializer):
    temperature = serializers.FloatField(min_value=0, max_value=5, default=1.0)
    max_new_tokens = serializers.IntegerField(min_value=1, max_value=8192, default=256)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 9, required=False)


class NewGathering(serializers.Serializer):
    sources = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=20)
    prompts = serializers.ListField(child=RowId(), max_length=MOST_PROMPTS, required=False)
    prompt_set = serializers.CharField(max_length=80, required=False, help_text="Instead of `prompts`.")
    each = serializers.IntegerField(min_value=1, max_value=gatherings.MOST_EACH, default=1)
    sampling = GatheringSampling(default=dict)
    task = RowOf(Task, required=False, help_text="Where people judge them.")

    def validate(self, asked):
        if bool(asked.get("prompts")) == bool(asked.get("prompt_set")):
            raise ValidationError("Name either prompts or a prompt set.")
        return asked


class GatheringRow(serializers.ModelSerializer):
    done = serializers.SerializerMethodField(help_text="Responses that are there.")
    total = serializers.SerializerMethodField()
    going = serializers.SerializerMethodField(help_text="Whether more may come.")
    errors = serializers.SerializerMethodField()
    requests = serializers.PrimaryKeyRelatedField(many=True, read_only=True, help_text="Ids of generations.")

    class Meta:
        model = Gathering
        fields = [
            *("id", "task", "each", "prompt_count", "requests", "done", "total", "going", "errors"),
            *("item_count", "settled_at", "created_at"),
        ]

    def get_done(self, made) -> int:
        return sum(row.done for row in made.requests.all())

    def get_total(self, made) -> int:
        return sum(row.total for row in made.requests.all())

    def get_going(self, made) -> bool:
        return standing(made, sampled=False).going

    def get_errors(self, made) -> list[str]:
        return [row.error for row in made.requests.all() if row.error]


class GatheringList(ProjectCall):
    serializer_class = GatheringRow
    needs = {"GET": Permission.DATA_VIEW, "POST": Permission.EVALUATE}

    def get_queryset(self):
        return gatherings_of(self.project)

    @extend_schema(operation_id="gatherings_list")
    def get(self, request, slug):
        """What was asked for, newest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="gatherings_create", request=NewGathering, responses={202: GatheringRow})
    def post(self, request, slug):
        """Ask every source for so many responses to every prompt; with `task` they become its items."""
        asked = self.asked(NewGathering)
        known = {source.uid: source for source in live_sources(self.project)}
        if unknown := [str(uid) for uid in asked["sources"] if uid not in known]:
            raise ValidationError({"sources": [f"No model of this project answers to {', '.join(unknown)}."]})
        made = gatherings.gather(
            self.project,
            by=request.user,
            sources=[known[uid] for uid in asked["sources"]],
            prompts=self.prompts(asked),
            each=asked["each"],
            sampling=dict(asked["sampling"]),
            task=asked.get("task"),
        )
        return Response(GatheringRow(self.get_queryset().get(pk=made.pk)).data, status=202)

    def prompts(self, asked) -> list[Prompt]:
        rows = Prompt.objects.filter(project=self.project, published=True).order_by("pk")
        if asked.get("prompt_set"):
            return list(rows.filter(prompt_set=asked["prompt_set"])[:MOST_PROMPTS])
        found = list(rows.filter(pk__in=asked["prompts"]))
        if unknown := sorted(set(asked["prompts"]) - {prompt.pk for prompt in found}):
            raise ValidationError({"prompts": [f"This project has no prompts {', '.join(map(str, unknown[:10]))}."]})
        return found


class GatheringDetail(ProjectCall):
    serializer_class = GatheringRow
    needs = {"GET": Permission.DATA_VIEW, "DELETE": Permission.EVALUATE}

    def told(self) -> Response:
        row = self.row_of(Gathering)
        return Response(GatheringRow(gatherings_of(self.project).get(pk=row.pk)).data)

    @extend_schema(operation_id="gatherings_read")
    def get(self, request, slug, pk):
        """How far it is."""
        return self.told()

    @extend_schema(operation_id="gatherings_cancel", responses={200: GatheringRow})
    def delete(self, request, slug, pk):
        """Ask for no more; what is there stays."""
        gatherings.cancel_gathering(self.row_of(Gathering))
        return self.told()


class LiveSources(ProjectCall):
    serializer_class = LiveSource
    pagination_class = None
    filter_backends = []
    needs = {"GET": Permission.DATA_VIEW}

    def get_queryset(self):
        return live_sources(self.project)

    @extend_schema(operation_id="live_sources", responses={200: LiveSource(many=True)})
    def get(self, request, slug):
        """The models that can be asked: checkpoints, newest first, and endpoints in use."""
        rows = [
            {"uid": source.uid, "kind": source.kind, "words": source_words(source)} for source in self.get_queryset()
        ]
        return Response(LiveSource(rows, many=True).data)
