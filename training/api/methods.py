"""The catalogue of methods, as the pages show it."""

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from training import catalogue

SHORT = ("name", "title", "family", "data", "prompts", "needs", "produces", "summary", "source")


class MethodList(APIView):
    @extend_schema(operation_id="methods_list", responses={200: OpenApiTypes.OBJECT})
    def get(self, request):
        """Every method in short, the settings all methods share, and the verifiers there are."""
        rows = [{key: entry[key] for key in SHORT} for entry in catalogue.methods()]
        return Response(
            {"methods": rows, "training": catalogue.training_settings(), "verifiers": catalogue.verifiers()}
        )


class MethodDetail(APIView):
    @extend_schema(operation_id="methods_read", responses={200: OpenApiTypes.OBJECT})
    def get(self, request, name):
        """One method: its formula, when to choose it, its settings with range and default, its presets, its metrics."""
        found = catalogue.method(name)
        if found is None:
            raise Http404
        return Response(found)
