"""Talks with live models while they go on. Kept by lease, so that a reload, another tab or a restart lose nothing."""

import uuid

from django.db import models
from django.utils import timezone

from annotation.models.generation import GenerationRequest
from annotation.models.labelling import Assignment


class ChatSession(models.Model):
    """The talk that belongs to a lease. What came of it becomes part of the judgment when it is rated."""

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="chat")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()


class ChatTurn(models.Model):
    """One message, and the choice between what was answered. `order` are true indices as they stand, drawn here."""

    session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, related_name="turns")
    number = models.PositiveSmallIntegerField()
    submission = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Sent twice, a message is said once.")
    said = models.TextField()
    order = models.JSONField()
    grade = models.PositiveSmallIntegerField(null=True, help_text="The cell, as shown.")
    scale = models.PositiveSmallIntegerField(null=True)
    chosen = models.PositiveSmallIntegerField(null=True, help_text="The true index that the talk goes on with.")
    said_at = models.DateTimeField(default=timezone.now)
    chosen_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="one_turn_per_number")]


class ChatAnswer(models.Model):
    """One model's response to a turn, by its true index; the request knows how far it is."""

    turn = models.ForeignKey(ChatTurn, on_delete=models.CASCADE, related_name="answers")
    index = models.PositiveSmallIntegerField()
    request = models.ForeignKey(GenerationRequest, on_delete=models.RESTRICT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["turn", "index"], name="one_answer_per_index")]
