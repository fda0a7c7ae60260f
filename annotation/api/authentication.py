"""Who is calling: a token that opens one project, or the browser's session."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled

from annotation.services import sign_in


class ProjectTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`; `request.auth.project` is the only project it opens. Guessing is slowed down."""

    def authenticate_credentials(self, token):
        address = sign_in.address_of(self.request)
        if wait := sign_in.wait_seconds(address=address):
            raise Throttled(wait)
        try:
            return super().authenticate_credentials(token)
        except (AuthenticationFailed, UnicodeDecodeError):
            sign_in.record_failure(address=address)
            raise AuthenticationFailed("This token is not known: it may be mistyped or revoked.") from None

    def authenticate(self, request):
        self.request = request
        return super().authenticate(request)


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = ProjectTokenAuthentication
    name = "token"

    def get_security_definition(self, _auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <your token>`. A token opens one project, with the rights of who made it.",
        }
