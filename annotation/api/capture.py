"""The capture call: a product hands in feedback with a key that opens this and nothing else. Nothing can be read."""

from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.prompts import Message
from annotation.errors import Refused
from annotation.services import capture, sign_in

LARGEST = 256 * 1024  # bytes of one call
_TEXT = 100_000


class CapturedEvent(serializers.Serializer):
    event = serializers.CharField(max_length=200, help_text="Yours, one for each event: sending it twice is harmless.")
    messages = Message(many=True, allow_empty=False, help_text="What the completion answered.")
    completion = serializers.CharField(trim_whitespace=False, max_length=_TEXT)
    feedback = serializers.ChoiceField(choices=capture.FEEDBACK)
    source = serializers.CharField(max_length=150, default="", help_text="Who wrote it; the key's name if left out.")
    edit = serializers.CharField(
        trim_whitespace=False, max_length=_TEXT, default="", allow_blank=True, help_text="The new text, with `edited`."
    )
    reasons = serializers.ListField(child=serializers.CharField(max_length=60), default=list, max_length=10)
    comment = serializers.CharField(max_length=10_000, default="", allow_blank=True)
    user = serializers.CharField(max_length=200, default="", allow_blank=True, help_text="Opaque; kept as a hash.")
    at = serializers.DateTimeField(default=None, allow_null=True, help_text="When; now if left out.")

    def validate_messages(self, messages):
        if len(messages) > 200 or messages[-1]["role"] != "user":
            raise serializers.ValidationError("At most 200 turns, and the last must be the user's.")
        return [dict(message) for message in messages]

    def validate_at(self, at):
        if at and at > timezone.now() + timedelta(minutes=5):
            raise serializers.ValidationError("Lies in the future.")
        return at

    def validate(self, event):
        if event["feedback"] == "edited" and event["edit"].strip() in ("", event["completion"].strip()):
            raise serializers.ValidationError({"edit": "With `edited` comes the new text, other than the completion."})
        return event


class Stored(serializers.Serializer):
    stored = serializers.BooleanField(help_text="False: this event was stored before.")


class Capture(APIView):
    """Neither session nor token opens this, only a key; its answers say nothing of the project."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def options(self, request, slug):
        """What browsers ask first."""
        return HttpResponse(status=204)

    @extend_schema(operation_id="capture", request=CapturedEvent, responses={201: Stored, 200: Stored}, auth=[])
    def post(self, request, slug):
        """Hand in one event: `Authorization: Capture <key>`. Stored once, whatever comes twice."""
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            raise Refused(f"One event has at most {LARGEST // 1024} KB.", code="too_large", status=413)
        given = request.data  # what is no JSON is said before any key is looked at
        if not isinstance(given, dict) or not given:
            raise Refused("The call must carry a JSON object.", code="malformed", status=400)
        key = self.key(request, slug)
        asked = CapturedEvent(data=given)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        new = capture.capture(key, capture.Event(id=values.pop("event"), **values))
        return Response({"stored": new}, status=201 if new else 200)

    def key(self, request, slug):
        address = sign_in.address_of(request)
        if wait := sign_in.wait_seconds(address=address):
            raise Throttled(wait)
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        key = capture.key_of(slug, secret.strip()) if scheme == "Capture" else None
        if key is None:
            sign_in.record_failure(address=address)
            raise AuthenticationFailed("Send `Authorization: Capture <key>` with a key of this project.")
        origin = request.headers.get("Origin", "").lower()
        if origin and origin not in key.origins:
            raise Refused("This key is not for pages of this origin.", code="origin", status=403)
        return key

    def get_authenticate_header(self, request):
        return "Capture"

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        origin = request.headers.get("Origin", "")
        if origin and capture.allows(kwargs["slug"], origin):
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Allow-Methods"] = "POST"
            response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response["Access-Control-Max-Age"] = "600"
        response["Vary"] = "Origin"
        return response
