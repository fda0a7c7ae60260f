"""Snapshots: previewed, frozen, read row by row, downloaded."""

import json
from itertools import islice
from pathlib import Path

from django.http import FileResponse, Http404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.api.fields import RowOf
from annotation.models import RubricVersion, Snapshot
from annotation.policy import Policy
from annotation.selectors.snapshot_files import converted, trainer_files
from annotation.selectors.snapshot_preview import preview
from annotation.services import snapshots
from annotation.snapshot_filters import Filters
from annotation.snapshot_format import SPLITS

FILES = (
    "manifest.json",
    "card.json",
    "card.md",
    "lineage.jsonl",
    "rubric.json",
    *(f"{split}.{kind}" for split in SPLITS for kind in ("jsonl", "parquet")),
)
MOST_ROWS = 500


class SnapshotRow(serializers.ModelSerializer):
    class Meta:
        model = Snapshot
        fields = [
            "id",
            "name",
            "format",
            "state",
            "sha256",
            "row_count",
            "judgment_count",
            "split_counts",
            "error",
            "created_at",
            "frozen_at",
        ]


class SnapshotWhole(SnapshotRow):
    class Meta(SnapshotRow.Meta):
        fields = [*SnapshotRow.Meta.fields, "filters", "policy", "rubric", "card"]


class Wish(serializers.Serializer):
    format = serializers.ChoiceField(choices=Snapshot.Format.choices)
    filters = serializers.DictField(required=False, default=dict, help_text="Which judgments; docs/snapshots.md.")
    policy = serializers.DictField(required=False, default=dict, help_text="How answers become rows.")

    def validate_filters(self, given):
        return self.read(Filters, given)

    def validate_policy(self, given):
        return self.read(Policy, given)

    def read(self, kind, given: dict):
        try:
            return kind.read(given)
        except ValueError as fault:
            named = (problem.partition(": ") for problem in str(fault).split("; "))
            raise ValidationError({name: [message] for name, _, message in named}) from None


class RubricVersionOf(RowOf):
    """The id of a version of one of the project's rubrics."""

    def __init__(self, **options):
        super().__init__(RubricVersion, through="rubric__project", **options)


class NewSnapshot(Wish):
    name = serializers.CharField(max_length=120)
    rubric = RubricVersionOf(
        default=None, allow_null=True, help_text="Id of a rubric version to freeze beside the rows."
    )


class SnapshotFilter(filters.FilterSet):
    class Meta:
        model = Snapshot
        fields = ["state", "format", "name"]


class SnapshotList(ProjectCall):
    serializer_class = SnapshotRow
    filterset_class = SnapshotFilter
    needs = {"GET": Permission.DATA_VIEW, "POST": Permission.DATA_MANAGE}

    def get_queryset(self):
        return Snapshot.objects.filter(project=self.project).order_by("-id")

    @extend_schema(operation_id="snapshots_list")
    def get(self, request, slug):
        """Snapshots, newest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="snapshots_create", request=NewSnapshot, responses={202: SnapshotWhole})
    def post(self, request, slug):
        """Freeze what the filters choose. It is written in the background and never changes after."""
        asked = self.asked(NewSnapshot)
        made = snapshots.create_snapshot(
            self.project,
            by=request.user,
            name=asked["name"],
            format=asked["format"],
            filters=asked["filters"].as_dict(),
            policy=asked["policy"].as_dict(),
            rubric=asked["rubric"],
        )
        made.refresh_from_db()
        return Response(SnapshotWhole(made).data, status=202)


class SnapshotPreview(ProjectCall):
    serializer_class = Wish
    needs = {"POST": Permission.DATA_MANAGE}

    @extend_schema(operation_id="snapshots_preview", request=Wish, responses={200: OpenApiTypes.OBJECT})
    def post(self, request, slug):
        """The card that freezing would give now: counts, split, ties, duplicates, lengths, agreement."""
        asked = self.asked(Wish)
        return Response(preview(self.project, **asked))


class SnapshotDetail(ProjectCall):
    serializer_class = SnapshotWhole
    needs = {"GET": Permission.DATA_VIEW}

    @extend_schema(operation_id="snapshots_read")
    def get(self, request, slug, pk):
        """One snapshot with its filters, its policy and its card."""
        return Response(SnapshotWhole(self.row_of(Snapshot)).data)


class RowQuery(serializers.Serializer):
    split = serializers.ChoiceField(choices=SPLITS, default="train")
    offset = serializers.IntegerField(min_value=0, max_value=2**40, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_ROWS, default=50)


class SnapshotRows(ProjectCall):
    needs = {"GET": Permission.DATA_VIEW}

    @extend_schema(
        operation_id="snapshots_rows",
        parameters=[
            OpenApiParameter("split", str, enum=SPLITS),
            OpenApiParameter("offset", int),
            OpenApiParameter("limit", int, description=f"At most {MOST_ROWS}."),
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request, slug, pk):
        """Rows as a trainer reads them."""
        asked = RowQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        split, offset, limit = (asked.validated_data[name] for name in ("split", "offset", "limit"))
        path = frozen_file(self.row_of(Snapshot), f"{split}.jsonl")
        with path.open(encoding="utf-8") as lines:
            rows = [json.loads(line) for line in islice(lines, offset, offset + limit)]
        return Response({"split": split, "offset": offset, "rows": rows})


class SnapshotFile(ProjectCall):
    needs = {"GET": Permission.EXPORT}

    @extend_schema(operation_id="snapshots_file", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request, slug, pk, name):
        """One file of the snapshot: JSONL, Parquet, lineage, card, manifest (docs/snapshot-format.md).

        `hh_rlhf.zip`, `openrlhf.zip` and `llama_factory.zip` are its rows in the columns of those trainers.
        """
        snapshot = self.row_of(Snapshot)
        if name in trainer_files(snapshot):
            frozen_file(snapshot, "train.jsonl")
            return FileResponse(converted(snapshot, name), as_attachment=True, filename=name)
        path = frozen_file(snapshot, name)
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)


def frozen_file(snapshot: Snapshot, name: str) -> Path:
    """A file of a frozen snapshot, by a name of the list: no other file can be named."""
    path = Path(snapshot.path) / name
    if name not in FILES or snapshot.state != Snapshot.State.FROZEN or not path.is_file():
        raise Http404
    return path
