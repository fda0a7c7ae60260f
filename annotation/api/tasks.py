"""Tasks: the kinds of work in a project."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.interfaces import INTERFACES
from annotation.models import Task
from annotation.services import tasks


class TaskSettings(serializers.ModelSerializer):
    class Meta:
        model = Task
        fields = list(tasks.FIELDS)
        extra_kwargs = {"overlap": {"min_value": 1, "max_value": 50}}


class TaskRow(serializers.ModelSerializer):
    class Meta:
        model = Task
        fields = ["queue", "interface", *tasks.FIELDS, "created_at"]


class NewTask(TaskSettings):
    interface = serializers.ChoiceField(choices=list(INTERFACES), default="pairwise")

    class Meta(TaskSettings.Meta):
        fields = ["interface", *tasks.FIELDS]


class TaskList(ProjectCall):
    serializer_class = TaskRow
    needs = {"GET": Permission.MEMBER, "POST": Permission.PROJECT_MANAGE}

    @extend_schema(operation_id="tasks_list")
    def get(self, request, slug):
        """The kinds of work in the project, oldest first."""
        return self.page_of(self.project.tasks.order_by("pk"))

    @extend_schema(operation_id="tasks_create", request=NewTask, responses={201: TaskRow})
    def post(self, request, slug):
        """Make a task; its queue is named by its title."""
        task = tasks.create_task(self.project, by=request.user, **self.asked(NewTask))
        return Response(TaskRow(task).data, status=201)


class TaskDetail(ProjectCall):
    serializer_class = TaskRow
    needs = {"GET": Permission.MEMBER, "PATCH": Permission.PROJECT_MANAGE}

    @extend_schema(operation_id="tasks_read")
    def get(self, request, slug, queue):
        """One task."""
        return Response(TaskRow(get_object_or_404(self.project.tasks, queue=queue)).data)

    @extend_schema(operation_id="tasks_change", request=TaskSettings)
    def patch(self, request, slug, queue):
        """Change a task; what is left out stays as it is."""
        task = get_object_or_404(self.project.tasks, queue=queue)
        asked = TaskSettings(task, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return Response(TaskRow(tasks.change_task(task, by=request.user, **asked.validated_data)).data)
