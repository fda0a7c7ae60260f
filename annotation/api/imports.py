"""Imports: upload a file, watch it being read, see which rows are wrong."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.importers import FORMATS
from annotation.models import ImportJob
from annotation.services import imports


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


class NewImport(serializers.Serializer):
    format = serializers.ChoiceField(choices=sorted(FORMATS))
    file = serializers.ListField(child=serializers.FileField(allow_empty_file=True), min_length=1, max_length=100)
    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    prompt_set = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    skip_bad_rows = serializers.BooleanField(default=False, help_text="Leave wrong rows out instead of importing none.")
    judge_here = serializers.BooleanField(default=False, help_text="Leave the verdicts behind: people here judge.")


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
        """Upload one or several files of one format; they are read in the background, all rows or none."""
        asked = self.asked(NewImport)
        files = asked.pop("file")
        name = asked.pop("name") or files[0].name
        job = imports.start_import(self.project, by=request.user, files=files, name=name, **asked)
        job.refresh_from_db()
        return Response(ImportRow(job).data, status=202)


class ImportDetail(ProjectCall):
    serializer_class = ImportRow
    needs = {"GET": Permission.DATA_VIEW}

    @extend_schema(operation_id="imports_read")
    def get(self, request, slug, pk):
        """How far it is, what came in, and each wrong row with its place."""
        return Response(ImportRow(self.row_of(ImportJob)).data)
