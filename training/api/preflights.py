"""The check before a launch: what the model would see, how long it would take, what does not fit."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from training.api.runs import NewRun
from training.models import Preflight
from training.services import preflights, specs


class PreflightRow(serializers.ModelSerializer):
    result = serializers.JSONField(help_text="preflight.json, as docs/run-directory.md describes it.")

    class Meta:
        model = Preflight
        fields = ["id", "state", "result", "error", "created_at"]


class PreflightList(ProjectCall):
    serializer_class = PreflightRow
    needs = {"POST": Permission.RUN_MANAGE}

    @extend_schema(operation_id="preflights_create", request=NewRun, responses={202: PreflightRow})
    def post(self, request, slug):
        """Have a worker check a run that is not launched yet; ask for the answer at its address."""
        asked = self.asked(NewRun)
        asked.pop("queue")
        document = specs.build(uid=uuid.uuid4().hex, **asked)
        preflight = preflights.request_preflight(self.project, by=request.user, spec=document, form={})
        return Response(PreflightRow(preflight).data, status=202)


class PreflightDetail(ProjectCall):
    serializer_class = PreflightRow
    needs = {"GET": Permission.RUN_MANAGE}

    @extend_schema(operation_id="preflights_read")
    def get(self, request, slug, pk):
        """What the engine says: exact tokens and mask of sample rows, rows dropped, time and memory."""
        return Response(PreflightRow(self.row_of(Preflight)).data)
