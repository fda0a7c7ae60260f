"""The audit log, for leads."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.models import AuditEntry


class AuditRow(serializers.ModelSerializer):
    by = serializers.CharField(source="by_name", help_text="Empty where the site did it itself.")

    class Meta:
        model = AuditEntry
        fields = ["id", "at", "by", "action", "target", "target_key", "before", "after"]


class AuditFilter(filters.FilterSet):
    by = filters.CharFilter(field_name="by_name")
    since = filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = AuditEntry
        fields = ["action", "target_key"]


class AuditList(ProjectCall):
    serializer_class = AuditRow
    filterset_class = AuditFilter
    needs = {"GET": Permission.AUDIT}

    def get_queryset(self):
        return AuditEntry.objects.filter(project=self.project).order_by("-id")

    @extend_schema(operation_id="audit_list")
    def get(self, request, slug):
        """Every change of the project, newest first: who, when, what, from what to what."""
        return self.page_of(self.get_queryset())
