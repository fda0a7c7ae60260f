"""Constitutions and their versions."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.judging.principles import LONGEST, MOST
from annotation.models import Constitution, ConstitutionVersion
from annotation.services.constitutions import add_constitution_version, create_constitution


class PrincipleRow(serializers.Serializer):
    key = serializers.CharField(
        max_length=20, required=False, allow_blank=True, help_text="Stays over versions; a new principle has none yet."
    )
    text = serializers.CharField(max_length=LONGEST)
    weight = serializers.FloatField(min_value=0.01, max_value=100, default=1.0, help_text="How often it is drawn.")
    tags = serializers.ListField(child=serializers.CharField(max_length=40), required=False, default=list)
    critique = serializers.CharField(max_length=LONGEST, required=False, default="", allow_blank=True)
    revision = serializers.CharField(max_length=LONGEST, required=False, default="", allow_blank=True)


class ConstitutionVersionRow(serializers.ModelSerializer):
    principles = PrincipleRow(many=True)

    class Meta:
        model = ConstitutionVersion
        fields = ["id", "number", "principles", "change_note", "created_at"]


class ConstitutionRow(serializers.ModelSerializer):
    versions = serializers.SerializerMethodField(help_text="Newest first.")

    class Meta:
        model = Constitution
        fields = ["id", "name", "description", "created_at", "versions"]

    @extend_schema(responses=ConstitutionVersionRow(many=True))
    def get_versions(self, constitution) -> list[dict]:
        rows = sorted(constitution.versions.all(), key=lambda version: -version.number)
        return ConstitutionVersionRow(rows, many=True).data


class NewConstitution(serializers.Serializer):
    name = serializers.CharField(max_length=80)
    description = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    principles = PrincipleRow(many=True, min_length=1, max_length=MOST)


class NewConstitutionVersion(serializers.Serializer):
    principles = PrincipleRow(many=True, min_length=1, max_length=MOST)
    change_note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class ConstitutionList(ProjectCall):
    serializer_class = ConstitutionRow
    needs = {"GET": Permission.PROJECT_VIEW, "POST": Permission.DATA_MANAGE}

    def get_queryset(self):
        return Constitution.objects.filter(project=self.project).prefetch_related("versions").order_by("-id")

    @extend_schema(operation_id="constitutions_list")
    def get(self, request, slug):
        """Constitutions with their versions, newest first."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="constitutions_create", request=NewConstitution, responses={201: ConstitutionRow})
    def post(self, request, slug):
        """A constitution with its first version."""
        asked = self.asked(NewConstitution)
        made = create_constitution(self.project, by=request.user, rows=asked.pop("principles"), **asked)
        return Response(ConstitutionRow(made).data, status=201)


class ConstitutionDetail(ProjectCall):
    serializer_class = ConstitutionRow
    needs = {"GET": Permission.PROJECT_VIEW}

    @extend_schema(operation_id="constitutions_read")
    def get(self, request, slug, pk):
        """One constitution with all its versions."""
        return Response(ConstitutionRow(self.row_of(Constitution)).data)


class ConstitutionVersions(ProjectCall):
    serializer_class = ConstitutionVersionRow
    needs = {"POST": Permission.DATA_MANAGE}

    @extend_schema(
        operation_id="constitutions_add_version",
        request=NewConstitutionVersion,
        responses={201: ConstitutionVersionRow},
    )
    def post(self, request, slug, pk):
        """A new version; versions that are there never change."""
        asked = self.asked(NewConstitutionVersion)
        rows = asked.pop("principles")
        made = add_constitution_version(self.row_of(Constitution), by=request.user, rows=rows, **asked)
        return Response(ConstitutionVersionRow(made).data, status=201)
