"""Who works: workers, what each does, and when it was last heard from."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView

from training.context import SILENT_AFTER
from training.models import Worker


class WorkerRow(serializers.ModelSerializer):
    ready = serializers.SerializerMethodField(help_text="Heard from within the last seconds.")

    class Meta:
        model = Worker
        fields = [
            "name",
            "ready",
            "queues",
            "device",
            "memory_bytes",
            "memory_total_bytes",
            "disk_free_bytes",
            "started_at",
            "heartbeat_at",
        ]

    def get_ready(self, worker) -> bool:
        return timezone.now() - worker.heartbeat_at < SILENT_AFTER


class WorkerList(GenericAPIView):
    serializer_class = WorkerRow
    queryset = Worker.objects.order_by("name")

    @extend_schema(operation_id="workers_list")
    def get(self, request):
        """Workers of the site. What a worker does is told where the run is, to those who may see it."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(WorkerRow(page, many=True).data)
