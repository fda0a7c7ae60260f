"""Projects: those one belongs to, and new ones where the site allows it."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from annotation.access import Permission, projects_of
from annotation.api.calls import ProjectCall, refuse_token
from annotation.models import ApiToken, Membership, Project, Task
from annotation.services import projects


class ProjectSettings(serializers.ModelSerializer):
    class Meta:
        model = Project
        fields = list(projects.SETTINGS)


class ProjectRow(serializers.ModelSerializer):
    role = serializers.CharField(read_only=True, help_text="Yours.")

    class Meta:
        model = Project
        fields = ["slug", "role", *projects.SETTINGS, "created_at"]


class FirstTask(serializers.ModelSerializer):
    class Meta:
        model = Task
        fields = ["interface", "title", "question", "hint", "settings", "overlap"]


class NewProject(ProjectSettings):
    task = FirstTask(required=False, help_text="The first task; pairs on eight steps if left out.")
    slug = serializers.SlugField(max_length=60, required=False, default="", help_text="Made of the name if left out.")
    guide = serializers.CharField(required=False, default=projects.FIRST_GUIDE, help_text="Markdown.")

    class Meta(ProjectSettings.Meta):
        fields = [*ProjectSettings.Meta.fields, "slug", "guide", "task"]


def row(membership: Membership) -> Project:
    membership.project.role = membership.role
    return membership.project


class ProjectList(GenericAPIView):
    serializer_class = ProjectRow

    @extend_schema(operation_id="projects_list")
    def get(self, request):
        """The projects you belong to; with a token, the one it was made for."""
        memberships = projects_of(request.user)
        if isinstance(request.auth, ApiToken):
            memberships = memberships.filter(project=request.auth.project)
        page = self.paginate_queryset(memberships)
        return self.get_paginated_response(ProjectRow([row(membership) for membership in page], many=True).data)

    @extend_schema(operation_id="projects_create", request=NewProject, responses={201: ProjectRow})
    def post(self, request):
        """Make a project and lead it. Needs the site's permission, and the browser's session."""
        refuse_token(request, "A token opens one project and cannot make others. Sign in to make one.")
        asked = NewProject(data=request.data)
        asked.is_valid(raise_exception=True)
        project = projects.create_project(by=request.user, **asked.validated_data)
        project.role = "lead"
        return Response(ProjectRow(project).data, status=201)


class ProjectDetail(ProjectCall):
    serializer_class = ProjectRow
    needs = {"GET": Permission.MEMBER, "PATCH": Permission.PROJECT_MANAGE}

    @extend_schema(operation_id="projects_read")
    def get(self, request, slug):
        """One project and your role in it."""
        return Response(ProjectRow(self.project).data)

    @extend_schema(operation_id="projects_change", request=ProjectSettings)
    def patch(self, request, slug):
        """Change settings; what is left out stays as it is."""
        asked = ProjectSettings(self.project, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        projects.change_settings(self.project, by=request.user, **asked.validated_data)
        return Response(ProjectRow(self.project).data)
