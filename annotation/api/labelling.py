"""Labelling by API: the same leases, drafts and submissions as on the page.

A response's place is its letter: the first stands left. Which is which in truth is kept on the server.
"""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.api.judgments import GivenRow
from annotation.api.prompts import Message
from annotation.interfaces.answers import Facts
from annotation.models import ItemCompletion, Task
from annotation.selectors.tasks import way_of
from annotation.services import labelling, leases, sittings


class Ask(serializers.Serializer):
    queue = serializers.CharField(max_length=80, default="label", help_text="`label`, `task:<key>`, or `compare:<id>`.")
    known = serializers.ListField(
        child=serializers.UUIDField(), default=list, max_length=20, help_text="Leases that you hold already."
    )


class Cell(serializers.Serializer):
    grade = serializers.IntegerField()
    sentence = serializers.CharField()


class Lease(serializers.Serializer):
    token = serializers.UUIDField(help_text="Names the lease in the other calls.")
    expires_at = serializers.DateTimeField(help_text="Heartbeats put it off.")
    question = serializers.CharField()
    prompt = Message(many=True)
    responses = serializers.ListField(child=serializers.CharField(), help_text="A (left), then B.")
    interface = serializers.CharField(help_text="The way to label; it says what an answer holds.")
    settings = serializers.JSONField(help_text="Of the task.")
    cells = Cell(many=True, required=False, help_text="Of a pair: the graded answers there are.")
    extra = serializers.JSONField(help_text="What the way adds: the steps that a solution is cut into.")
    draft = serializers.JSONField()


class HandedOut(serializers.Serializer):
    lease = Lease(allow_null=True, help_text="Null when nothing waits for you.")


class Answer(serializers.Serializer):
    submission = serializers.UUIDField(help_text="Made by you, new for every answer: sending one twice is harmless.")
    outcome = serializers.ChoiceField(choices=["answer", "both_bad", "skip", "broken"])
    grade = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="Of a pair's cell, with `answer`; other ways have their own fields.",
    )
    reason = serializers.CharField(required=False, allow_blank=True, help_text="With `skip` and `broken`.")
    comment = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    active_ms = serializers.IntegerField(required=False, min_value=0, help_text="Time spent reading and thinking.")
    change = serializers.BooleanField(default=False, help_text="Replace the answer that stands.")


class Withdrawal(serializers.Serializer):
    submission = serializers.UUIDField()


class Beat(serializers.Serializer):
    active_ms = serializers.IntegerField(required=False, min_value=0)
    draft = serializers.DictField(required=False)


class Held(serializers.Serializer):
    state = serializers.ChoiceField(choices=["held", "lost", "answered", "ended"])


class SittingEnd(serializers.Serializer):
    queue = serializers.CharField(max_length=80, default="label")


class Ended(serializers.Serializer):
    ended = serializers.BooleanField(help_text="False if no sitting was open.")


class LabelCall(ProjectCall):
    needs = {"POST": Permission.LABEL}


class LabelNext(LabelCall):
    @extend_schema(operation_id="label_next", request=Ask, responses={200: HandedOut})
    def post(self, request, slug):
        """Be handed the next pair; opens or resumes your sitting in the queue."""
        asked = self.asked(Ask)
        given = labelling.hand_out(self.project, by=request.user, queue=asked["queue"], known=tuple(asked["known"]))
        return Response(HandedOut({"lease": given.lease and self.shown(given.lease)}).data)

    def shown(self, lease) -> dict:
        task = lease.sitting.task or Task()
        way, settings = way_of(task)
        entries = ItemCompletion.objects.filter(item=lease.item_id)
        texts = dict(entries.values_list("index", "completion__text"))
        messages = lease.item.prompt.messages
        facts = Facts(lease.shown_order, lambda: [texts[index] for index in sorted(texts)], messages)
        return {
            "token": lease.token,
            "expires_at": lease.expires_at,
            "question": task.question,
            "interface": lease.item.interface,
            "settings": asdict(settings),
            "prompt": messages,
            "responses": [texts[index] for index in lease.shown_order],
            "cells": [{"grade": cell.grade, "sentence": cell.sentence} for cell in way.dock(settings).get("cells", [])],
            "extra": way.bench(facts, settings) if hasattr(way, "bench") else {},
            "draft": lease.draft,
        }


class LabelAnswer(LabelCall):
    @extend_schema(operation_id="label_answer", request=Answer, responses={200: GivenRow})
    def post(self, request, slug, token):
        """Answer, once: an answer that was sent before is answered the same and written once."""
        asked = self.asked(Answer)
        given = labelling.submit(
            self.project,
            by=request.user,
            token=token,
            submission=asked.pop("submission"),
            change=asked.pop("change"),
            active_ms=asked.pop("active_ms", None),
            payload={**request.data, **asked},
        )
        return Response(GivenRow(given.judgment).data)


class LabelWithdraw(LabelCall):
    @extend_schema(operation_id="label_withdraw", request=Withdrawal, responses={200: GivenRow})
    def post(self, request, slug, token):
        """Undo an answer while the sitting is open; the pair is yours again if its slot is still free."""
        given = labelling.withdraw(self.project, by=request.user, token=token, **self.asked(Withdrawal))
        return Response(GivenRow(given.judgment).data)


class LabelHeartbeat(LabelCall):
    @extend_schema(operation_id="label_heartbeat", request=Beat, responses={200: Held})
    def post(self, request, slug, token):
        """Say that somebody is there: leases are held, the draft is kept, the time is counted."""
        asked = self.asked(Beat)
        return Response({"state": leases.heartbeat(self.project, by=request.user, token=token, **asked)})


class LabelEnd(LabelCall):
    @extend_schema(operation_id="label_end", request=SittingEnd, responses={200: Ended})
    def post(self, request, slug):
        """End your sitting: its answers are final, what you hold goes back."""
        ended = sittings.end_sitting(self.project, by=request.user, queue=self.asked(SittingEnd)["queue"])
        return Response({"ended": ended is not None})
