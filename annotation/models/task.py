"""A kind of work in a project: one way to label, with its question, its settings and its queue."""

from django.db import models
from django.utils import timezone

from annotation.models.project import Project


class Task(models.Model):
    """Items of `queue` are judged by `interface` under these settings. The project's first queue is `label`."""

    class Order(models.TextChoices):
        SEQUENCE = "sequence", "As they came in"
        RANDOM = "random", "In random order"
        PRIORITY = "priority", "By priority, highest first"
        UNCERTAINTY = "uncertainty", "Where reward models are least sure"
        DISAGREEMENT = "disagreement", "Where people disagree"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks")
    queue = models.CharField(max_length=80, help_text="`label`, or `task:<key>`.")
    title = models.CharField(max_length=120, default="Pairs")
    interface = models.CharField(max_length=20, default="pairwise")
    question = models.CharField(max_length=200, default="Which reply is better?")
    hint = models.CharField(max_length=300, blank=True)
    settings = models.JSONField(default=dict, blank=True, help_text="Read by the interface.")
    overlap = models.PositiveSmallIntegerField(default=1, help_text="How many people judge each item.")
    overlap_most = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Where people disagree, up to so many are asked."
    )
    order = models.CharField(max_length=12, choices=Order, default=Order.SEQUENCE)
    random_share = models.FloatField(default=0.1, help_text="Share of hand-outs drawn at random in a chosen order.")
    gold_share = models.FloatField(default=0.0, help_text="Share of hand-outs whose answer is known.")
    repeat_share = models.FloatField(default=0.0, help_text="Share of hand-outs that the person has judged before.")
    ranked_at = models.DateTimeField(null=True, blank=True, help_text="When the order was last made.")
    ranking = models.JSONField(default=dict, blank=True, help_text="By which models, over how many items.")
    deadline = models.DateTimeField(null=True, blank=True)
    closed = models.BooleanField(default=False, help_text="Nothing is handed out.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["project", "queue"], name="one_task_per_queue")]

    def __str__(self) -> str:
        return self.title
