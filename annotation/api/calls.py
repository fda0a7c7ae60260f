"""What every call below /api/projects/<slug>/ has in common: one door, and the rights each verb needs."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.generics import GenericAPIView

from annotation.access import Permission, project_for
from annotation.models import ApiToken


class ProjectCall(GenericAPIView):
    """`needs` names the permission of each verb; what it does not name is answered with 405.

    `self.project` carries `role` and `may`. A token sees the project it was made for and no other.
    """

    needs: dict[str, Permission] = {}

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method not in self.needs:
            self.http_method_not_allowed(request)
        slug = kwargs["slug"]
        if isinstance(request.auth, ApiToken) and request.auth.project.slug != slug:
            raise Http404
        self.project = project_for(request.user, slug, self.needs[request.method])

    def asked(self, serializer_class, **options) -> dict:
        """What the body asks for; its problems are answered with their paths."""
        asked = serializer_class(data=self.request.data, context=self.get_serializer_context(), **options)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def row_of(self, model):
        """The row that the address names, of this project."""
        return get_object_or_404(model.objects.filter(project=self.project), pk=self.kwargs["pk"])

    def page_of(self, rows, serializer_class=None):
        """The answer to a list: filtered, cut into pages."""
        rows = self.filter_queryset(rows)
        page = self.paginate_queryset(rows)
        serializer = (serializer_class or self.get_serializer_class())(
            page, many=True, context=self.get_serializer_context()
        )
        return self.get_paginated_response(serializer.data)


def refuse_token(request, why: str) -> None:
    """Some things need the person, in the browser: a leaked token must not reach them."""
    if isinstance(request.auth, ApiToken):
        raise PermissionDenied(why)
