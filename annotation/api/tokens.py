"""API tokens. One is made with the browser's session only: a leaked token must not be able to make others."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall, refuse_token
from annotation.models import ApiToken
from annotation.selectors.tokens import tokens_of
from annotation.services import tokens


class Token(serializers.ModelSerializer):
    key = serializers.CharField(source="token_key", read_only=True, help_text="How it begins; names it in addresses.")
    owner = serializers.CharField(source="user.username", read_only=True)
    expires_at = serializers.DateTimeField(source="expiry", read_only=True)

    class Meta:
        model = ApiToken
        fields = ["key", "name", "owner", "created", "expires_at"]


class NewToken(serializers.Serializer):
    name = serializers.CharField(max_length=80)
    days = serializers.IntegerField(min_value=1, max_value=3650, required=False, allow_null=True, default=None)


class MadeToken(Token):
    secret = serializers.CharField(help_text="Shown this once.")

    class Meta(Token.Meta):
        fields = [*Token.Meta.fields, "secret"]


class TokenList(ProjectCall):
    serializer_class = Token
    needs = {"GET": Permission.MEMBER, "POST": Permission.MEMBER}

    @extend_schema(operation_id="tokens_list")
    def get(self, request, slug):
        """Tokens of one's own; a lead sees everybody's."""
        return self.page_of(tokens_of(self.project, request.user))

    @extend_schema(operation_id="tokens_create", request=NewToken, responses={201: MadeToken})
    def post(self, request, slug):
        """Make a token. Needs the browser's session; the secret is in this answer and nowhere else."""
        refuse_token(request, "A token cannot make tokens. Sign in and make it on the page of API tokens.")
        asked = self.asked(NewToken)
        token, token.secret = tokens.create_token(self.project, by=request.user, **asked)
        return Response(MadeToken(token).data, status=201)


class TokenDetail(ProjectCall):
    serializer_class = Token
    needs = {"DELETE": Permission.MEMBER}

    @extend_schema(operation_id="tokens_revoke", responses={204: None})
    def delete(self, request, slug, key):
        """Revoke a token: from now on it opens nothing."""
        tokens.revoke_token(get_object_or_404(tokens_of(self.project, request.user), token_key=key), by=request.user)
        return Response(status=204)
