"""Imports: upload a file, watch it being read, see which rows are wrong."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.importers import NAMES, columns
from annotation.models import ImportJob
from annotation.services import import_proposals, imports


class ImportError(serializers.Serializer):  # noqa: A001 (it is what the API calls it)
    file = serializers.CharField()
    row = serializers.IntegerField(allow_null=True)
    path = serializers.CharField()
    message = serializers.CharField()


class ImportRow(serializers.ModelSerializer):
    errors = ImportError(many=True, help_text="The first hundred; `error_count` counts all.")

    class Meta:
        model = ImportJob
        fields = [
            "id",
            "name",
            "format",
            "options",
            "state",
            "rows_total",
            "rows_done",
            "counts",
            "errors",
            "error_count",
            "created_at",
            "finished_at",
        ]


class Columns(serializers.JSONField):
    """Roles to column names, for the format `columns`."""

    def to_internal_value(self, data):
        given = super().to_internal_value(data)
        if not isinstance(given, dict) or not all(isinstance(part, str) for pair in given.items() for part in pair):
            raise serializers.ValidationError(f"Must map roles ({', '.join(columns.ROLES)}) to names of columns.")
        return given


class NewImport(serializers.Serializer):
    format = serializers.ChoiceField(
        choices=NAMES, required=False, default="", help_text="Recognised by the first rows where left out."
    )
    file = serializers.ListField(child=serializers.FileField(allow_empty_file=True), min_length=1, max_length=100)
    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    prompt_set = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    skip_bad_rows = serializers.BooleanField(default=False, help_text="Leave wrong rows out instead of importing none.")
    judge_here = serializers.BooleanField(default=False, help_text="Leave the verdicts behind: people here judge.")
    task = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        help_text="The queue of the task that they join; `label` at first.",
    )
    columns = Columns(required=False, default=None, help_text='{"prompt": "question", "first": "a", …}')


class PreviewImport(serializers.Serializer):
    format = serializers.ChoiceField(choices=NAMES, required=False, default="")
    file = serializers.ListField(child=serializers.FileField(allow_empty_file=True), min_length=1, max_length=100)
    columns = Columns(required=False, default=None)


class PreviewRow(serializers.Serializer):
    """A row as it will look, or why it is left out or wrong."""

    file = serializers.CharField()
    row = serializers.IntegerField()
    kind = serializers.CharField()
    prompt = serializers.CharField()
    turns = serializers.IntegerField(help_text="Turns before the prompt's last.")
    answers = serializers.ListField(child=serializers.DictField())
    said = serializers.CharField()
    left_out = serializers.CharField()
    path = serializers.CharField()
    wrong = serializers.CharField()


class PreviewRead(serializers.Serializer):
    format = serializers.CharField(help_text="The likeliest format.")
    reason = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField(), help_text="The names there are.")
    mapping = serializers.DictField(child=serializers.CharField(), allow_null=True)
    rows = PreviewRow(many=True)


class ImportList(ProjectCall):
    serializer_class = ImportRow
    needs = {"GET": Permission.DATA_VIEW, "POST": Permission.DATA_MANAGE}

    def get_parsers(self):
        return [MultiPartParser()] if self.request and self.request.method == "POST" else super().get_parsers()

    def get_queryset(self):
        return ImportJob.objects.filter(project=self.project).order_by("-id")

    @extend_schema(operation_id="imports_list")
    def get(self, request, slug):
        """Imports, newest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(
        operation_id="imports_create", request={"multipart/form-data": NewImport}, responses={202: ImportRow}
    )
    def post(self, request, slug):
        """Upload one or several files; they are read in the background, all rows or none.

        A format that is left out is recognised; a table of unknown columns is refused with what its columns may be.
        """
        asked = self.asked(NewImport)
        files = asked.pop("file")
        name = asked.pop("name") or files[0].name
        if not asked["format"]:
            found, _ = import_proposals.look_at_files(files, mapping=asked["columns"])
            asked["format"] = found.format
        job = imports.start_import(self.project, by=request.user, files=files, name=name, **asked)
        job.refresh_from_db()
        return Response(ImportRow(job).data, status=202)


class ImportPreview(ProjectCall):
    serializer_class = PreviewRead
    needs = {"POST": Permission.DATA_MANAGE}

    def get_parsers(self):
        return [MultiPartParser()]

    @extend_schema(
        operation_id="imports_preview", request={"multipart/form-data": PreviewImport}, responses={200: PreviewRead}
    )
    def post(self, request, slug):
        """Which format files have, and their first rows as they will look. Nothing is kept."""
        asked = self.asked(PreviewImport)
        found, rows = import_proposals.look_at_files(asked["file"], format=asked["format"], mapping=asked["columns"])
        told = {**vars(found), "rows": [vars(row) for row in rows]}
        return Response(PreviewRead(told).data)


class ImportDetail(ProjectCall):
    serializer_class = ImportRow
    needs = {"GET": Permission.DATA_VIEW}

    @extend_schema(operation_id="imports_read")
    def get(self, request, slug, pk):
        """How far it is, what came in, and each wrong row with its place."""
        return Response(ImportRow(self.row_of(ImportJob)).data)
