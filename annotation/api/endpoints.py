"""Endpoints: models that answer over the chat completions protocol. Keys are names here, as everywhere."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.models import Endpoint
from annotation.services import endpoints


class EndpointRow(serializers.ModelSerializer):
    source = serializers.UUIDField(source="source.uid", read_only=True, help_text="Who signs what it writes.")
    trying = serializers.SerializerMethodField(help_text="Whether a trial waits for its answer.")

    class Meta:
        model = Endpoint
        fields = [
            *("id", "source", "name", "base_url", "model", "key_name", "timeout_seconds", "parallel", "defaults"),
            *("trying", "tried_at", "trial_seconds", "trial_error", "created_at", "retired_at"),
        ]

    def get_trying(self, endpoint) -> bool:
        return endpoint.trial_asked_at is not None


class EndpointDefaults(serializers.Serializer):
    temperature = serializers.FloatField(min_value=0, max_value=5, required=False)
    top_p = serializers.FloatField(min_value=0, max_value=1, required=False)
    max_new_tokens = serializers.IntegerField(min_value=1, max_value=65_536, required=False)


class NewEndpoint(serializers.Serializer):
    name = serializers.CharField(max_length=80)
    base_url = serializers.CharField(max_length=500, help_text="What `/chat/completions` is added to.")
    model = serializers.CharField(max_length=200, help_text="As the endpoint calls it.")
    key_name = serializers.CharField(
        max_length=40,
        default="",
        allow_blank=True,
        help_text="`MAIN` stands for the worker's variable `PLUMBLINE_ENDPOINT_KEY_MAIN`. Never the key itself.",
    )
    timeout_seconds = serializers.IntegerField(min_value=2, max_value=600, default=60)
    parallel = serializers.IntegerField(min_value=1, max_value=32, default=4)
    defaults = EndpointDefaults(default=dict)


class EndpointList(ProjectCall):
    serializer_class = EndpointRow
    needs = {"GET": Permission.DATA_VIEW, "POST": Permission.PROJECT_MANAGE}

    def get_queryset(self):
        return Endpoint.objects.filter(project=self.project).select_related("source").order_by("id")

    @extend_schema(operation_id="endpoints_list")
    def get(self, request, slug):
        """Endpoints, oldest first; retired ones have a date."""
        return self.page_of(self.get_queryset())

    @extend_schema(operation_id="endpoints_create", request=NewEndpoint, responses={201: EndpointRow})
    def post(self, request, slug):
        """Add an endpoint. Nothing is called before it is tried or asked."""
        asked = self.asked(NewEndpoint)
        made = endpoints.add_endpoint(self.project, by=request.user, **asked | {"defaults": dict(asked["defaults"])})
        return Response(EndpointRow(made).data, status=201)


class EndpointDetail(ProjectCall):
    serializer_class = EndpointRow
    needs = {"GET": Permission.DATA_VIEW, "DELETE": Permission.PROJECT_MANAGE}

    @extend_schema(operation_id="endpoints_read")
    def get(self, request, slug, pk):
        """One endpoint, with its last trial."""
        return Response(EndpointRow(self.row_of(Endpoint)).data)

    @extend_schema(operation_id="endpoints_retire", responses={200: EndpointRow})
    def delete(self, request, slug, pk):
        """Retire it: nobody asks it any more; what it wrote stays."""
        row = self.row_of(Endpoint)
        endpoints.retire_endpoint(row, by=request.user)
        row.refresh_from_db()
        return Response(EndpointRow(row).data)


class EndpointTrial(ProjectCall):
    serializer_class = EndpointRow
    needs = {"POST": Permission.PROJECT_MANAGE}

    @extend_schema(operation_id="endpoints_try", request=None, responses={202: EndpointRow})
    def post(self, request, slug, pk):
        """Have a worker ask it a short question; the answer's time or the failure stands on the endpoint."""
        row = self.row_of(Endpoint)
        endpoints.request_trial(row)
        row.refresh_from_db()
        return Response(EndpointRow(row).data, status=202)
