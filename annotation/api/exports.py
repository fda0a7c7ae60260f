"""Exports of everything: asked for, watched, downloaded."""

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.models import Export
from annotation.selectors import exports as selected
from annotation.services import exports


class ExportRow(serializers.ModelSerializer):
    class Meta:
        model = Export
        fields = [
            "id",
            "form",
            "people",
            "state",
            "rows_done",
            "rows_total",
            "tables",
            "size_bytes",
            "sha256",
            "error",
            "created_at",
            "finished_at",
        ]


class NewExport(serializers.ModelSerializer):
    class Meta:
        model = Export
        fields = ["form", "people"]


class ExportList(ProjectCall):
    serializer_class = ExportRow
    needs = {"GET": Permission.EXPORT, "POST": Permission.EXPORT}

    @extend_schema(operation_id="exports_list")
    def get(self, request, slug):
        """Exports, newest first."""
        return self.page_of(selected.exports(self.project))

    @extend_schema(operation_id="exports_create", request=NewExport, responses={202: ExportRow})
    def post(self, request, slug):
        """Write everything of the project into an archive, in the background. Names of persons are for leads."""
        asked = self.asked(NewExport)
        if asked.get("people") and not selected.may_see_names(self.project):
            raise PermissionDenied("Your role sees raters by number: ask for the export without people.")
        export = exports.create_export(self.project, by=request.user, **asked)
        export.refresh_from_db()
        return Response(ExportRow(export).data, status=202)


class OneExport(ProjectCall):
    @property
    def export(self) -> Export:
        return get_object_or_404(selected.exports(self.project), pk=self.kwargs["pk"])


class ExportDetail(OneExport):
    serializer_class = ExportRow
    needs = {"GET": Permission.EXPORT, "DELETE": Permission.EXPORT}

    @extend_schema(operation_id="exports_read")
    def get(self, request, slug, pk):
        """How far an export is; `sha256` is that of the archive."""
        return Response(ExportRow(self.export).data)

    @extend_schema(operation_id="exports_remove", responses={204: None})
    def delete(self, request, slug, pk):
        """Take the archive from the disk."""
        exports.remove_export(self.export, by=request.user)
        return Response(status=204)


class ExportFile(OneExport):
    needs = {"GET": Permission.EXPORT}

    @extend_schema(operation_id="exports_file", responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request, slug, pk):
        """The archive (docs/export-format.md)."""
        export = self.export
        path = selected.ready_file(export)
        if path is None:
            raise Http404
        exports.note_download(export, by=request.user)
        return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
