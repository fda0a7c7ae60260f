"""Members and invitations: for leads, who see names."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall, refuse_token
from annotation.models import Invitation, Membership, Role
from annotation.selectors import people as selected
from annotation.services import people

BY_HAND = "People are let in and out by a person, not by a program: sign in and do it on the page of people."


class MemberRow(serializers.ModelSerializer):
    username = serializers.CharField(source="user.username", read_only=True)
    judged = serializers.IntegerField(read_only=True, default=None, help_text="Judgments that stand.")

    class Meta:
        model = Membership
        fields = ["id", "username", "role", "joined_at", "judged"]
        read_only_fields = ["joined_at"]


class InvitationRow(serializers.ModelSerializer):
    class Meta:
        model = Invitation
        fields = ["id", "role", "note", "created_at", "expires_at"]


class NewInvitation(serializers.Serializer):
    role = serializers.ChoiceField(choices=Role.choices)
    note = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    days = serializers.ChoiceField(choices=people.LIFETIME_DAYS, default=7)


class MadeInvitation(InvitationRow):
    token = serializers.CharField(help_text="The end of the link /join/TOKEN/; shown this once.")

    class Meta(InvitationRow.Meta):
        fields = [*InvitationRow.Meta.fields, "token"]


class MemberList(ProjectCall):
    serializer_class = MemberRow
    needs = {"GET": Permission.PEOPLE}

    @extend_schema(operation_id="members_list")
    def get(self, request, slug):
        """Who belongs to the project, leads first."""
        page = self.paginate_queryset(selected.members(self.project))
        return self.get_paginated_response(MemberRow(page, many=True).data)


class MemberDetail(ProjectCall):
    serializer_class = MemberRow
    needs = {"PATCH": Permission.PEOPLE, "DELETE": Permission.PEOPLE}

    @extend_schema(operation_id="members_change")
    def patch(self, request, slug, pk):
        """Give a member another role. The last lead stays one."""
        refuse_token(request, BY_HAND)
        asked = self.asked(MemberRow)
        member = people.change_role(self.row_of(Membership), by=request.user, role=asked["role"])
        return Response(MemberRow(member).data)

    @extend_schema(operation_id="members_remove", responses={204: None})
    def delete(self, request, slug, pk):
        """End a membership, and its tokens. What the person judged stays."""
        refuse_token(request, BY_HAND)
        people.remove(self.row_of(Membership), by=request.user)
        return Response(status=204)


class InvitationList(ProjectCall):
    serializer_class = InvitationRow
    needs = {"GET": Permission.PEOPLE, "POST": Permission.PEOPLE}

    @extend_schema(operation_id="invitations_list")
    def get(self, request, slug):
        """Invitations that still work."""
        return self.page_of(selected.open_invitations(self.project))

    @extend_schema(operation_id="invitations_create", request=NewInvitation, responses={201: MadeInvitation})
    def post(self, request, slug):
        """A link that lets one person in, once."""
        refuse_token(request, BY_HAND)
        asked = self.asked(NewInvitation)
        invitation, invitation.token = people.invite(self.project, by=request.user, **asked)
        return Response(MadeInvitation(invitation).data, status=201)


class InvitationDetail(ProjectCall):
    needs = {"DELETE": Permission.PEOPLE}

    @extend_schema(operation_id="invitations_withdraw", responses={204: None})
    def delete(self, request, slug, pk):
        """The link stops working."""
        refuse_token(request, BY_HAND)
        people.withdraw_invitation(self.row_of(Invitation), by=request.user)
        return Response(status=204)
