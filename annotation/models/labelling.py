"""Items to judge, leases on them, sittings, and the judgments themselves."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from annotation.models.content import Completion, ImportJob, Prompt
from annotation.models.project import Instruction, Project
from annotation.models.task import Task


class Rater(models.Model):
    """Who judges. An imported `expert_17` is a rater and not a user; a person is both."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        SIMULATED = "simulated", "Simulated"
        IMPORTED = "imported", "Imported"
        JUDGE = "judge", "AI judge"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="raters")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="raters"
    )
    left_count = models.PositiveIntegerField(default=0, help_text="Hand-outs with the first completion left.")
    right_count = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["project", "kind", "key"], name="one_rater_per_key")]


class Item(models.Model):
    """Something to judge: a prompt with its completions, in a queue.

    `open_slots` is overlap minus leases held and answers given: hand-out walks a partial index on it, lowest `rank`
    first. Gold items and hidden repeats (copies that `repeat_of` what they repeat) have no slots; they are woven in.
    A flagged item is put aside: it has no open slot until somebody has looked at it.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="items")
    import_job = models.ForeignKey(ImportJob, null=True, blank=True, on_delete=models.CASCADE, related_name="items")
    queue = models.CharField(max_length=80, default="label", help_text="A task's, or `compare:<id>`.")
    interface = models.CharField(max_length=20, default="pairwise")
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="items")
    size = models.PositiveSmallIntegerField(default=2, help_text="How many completions it shows.")
    priority = models.SmallIntegerField(default=0)
    rank = models.FloatField(default=0.0, help_text="The lowest is handed out first; made from the task's order.")
    gold = models.JSONField(null=True, blank=True, help_text="The known answer, in true order.")
    repeat_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="repeats")
    overlap = models.PositiveSmallIntegerField(default=1)
    open_slots = models.SmallIntegerField(default=1)
    at_odds = models.BooleanField(default=False, help_text="People contradict each other; nobody has decided yet.")
    put_aside = models.BooleanField(default=False, help_text="Flagged; goes to nobody until looked at.")
    kept_out = models.BooleanField(default=False, help_text="A lead or researcher took it out; goes to nobody.")
    published = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["project", "queue", "rank", "id"],
                name="item_in_order",
                condition=Q(open_slots__gt=0, published=True),
            ),
            models.Index(
                fields=["project", "queue", "id"],
                name="item_open",
                condition=Q(open_slots__gt=0, published=True),
            ),
            models.Index(fields=["project", "id"], name="item_at_odds", condition=Q(at_odds=True)),
            models.Index(fields=["project", "queue"], name="item_gold", condition=Q(gold__isnull=False)),
            models.Index(fields=["project", "queue"], name="item_repeat", condition=Q(repeat_of__isnull=False)),
        ]
        constraints = [models.CheckConstraint(condition=Q(open_slots__gte=0), name="no_slot_given_twice")]


class ItemCompletion(models.Model):
    """A completion's place in an item, in true order: index 0 is `first`, 1 is `second`."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="entries")
    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="entries")
    index = models.PositiveSmallIntegerField()

    class Meta:
        default_permissions = ()
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["item", "index"], name="one_completion_per_index")]


LOWEST = -1e300  # below every rank


class Sitting(models.Model):
    """A stretch of labelling. While it is open an answer may be undone or changed; snapshots take ended ones."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sittings")
    rater = models.ForeignKey(Rater, on_delete=models.CASCADE, related_name="sittings")
    queue = models.CharField(max_length=80, default="label")
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="sittings")
    started_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    cursor = models.BigIntegerField(default=0, help_text="The last item id this person was handed in this queue.")
    cursor_rank = models.FloatField(default=LOWEST, help_text="Its rank when it was handed out.")
    cursor_at = models.DateTimeField(default=timezone.now, help_text="A later ranking starts from the top again.")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["rater", "queue"],
                condition=Q(ended_at__isnull=True),
                name="one_open_sitting_per_queue",
            )
        ]


class Assignment(models.Model):
    """A lease: this item, to this rater, until `expires_at`, proven by `token` (the fencing token)."""

    class State(models.TextChoices):
        RESERVED = "reserved", "Reserved"  # for this rater, by a block of work; not handed out yet
        LEASED = "leased", "Leased"
        DONE = "done", "Done"
        RELEASED = "released", "Released"
        EXPIRED = "expired", "Expired"

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="assignments")
    rater = models.ForeignKey(Rater, on_delete=models.CASCADE, related_name="assignments")
    sitting = models.ForeignKey(Sitting, null=True, on_delete=models.SET_NULL, related_name="assignments")
    instruction = models.ForeignKey(Instruction, null=True, on_delete=models.SET_NULL, related_name="+")
    token = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.LEASED)
    why = models.CharField(
        max_length=10, blank=True, help_text="Empty: in order; else random, gold, repeat: woven in, unmarked."
    )
    probability = models.FloatField(
        null=True, help_text="Of this item at this hand-out, where the order is chosen: to weigh figures by."
    )
    shown_order = models.JSONField(help_text="True indices in the order shown: [1, 0] means the second stood left.")
    handed_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    block = models.ForeignKey(
        "annotation.Block", null=True, blank=True, on_delete=models.SET_NULL, related_name="assignments"
    )
    draft = models.JSONField(default=dict)
    active_ms = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["expires_at"], name="lease_expiry", condition=Q(state="leased")),
            models.Index(fields=["sitting", "id"]),
            models.Index(fields=["rater", "block", "id"], name="reserved_for", condition=Q(state="reserved")),
        ]
        constraints = [models.UniqueConstraint(fields=["item", "rater"], name="one_assignment_per_item_and_rater")]


class Judgment(models.Model):
    """What somebody said of an item, as it stands now; JudgmentRevision keeps how it came to stand so.

    `strength` is signed from the first completion's side (true order): +4 is "first much better" on the 8-point
    scale, -1 "second barely better", 0 a tie. It is null unless `outcome` is `answer`.
    """

    class Outcome(models.TextChoices):
        ANSWER = "answer", "Answered"
        BOTH_BAD = "both_bad", "Both bad"
        SKIP = "skip", "Skipped"
        BROKEN = "broken", "Flagged"

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="judgments")
    rater = models.ForeignKey(Rater, on_delete=models.PROTECT, related_name="judgments")
    assignment = models.OneToOneField(Assignment, null=True, on_delete=models.SET_NULL, related_name="judgment")
    sitting = models.ForeignKey(Sitting, null=True, on_delete=models.SET_NULL, related_name="judgments")
    instruction = models.ForeignKey(Instruction, null=True, on_delete=models.SET_NULL, related_name="+")
    import_job = models.ForeignKey(
        ImportJob,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="judgments",
        help_text="Until its import is published an imported judgment counts as withdrawn.",
    )
    outcome = models.CharField(max_length=10, choices=Outcome)
    scale = models.PositiveSmallIntegerField(null=True)
    strength = models.SmallIntegerField(null=True)
    value = models.JSONField(default=dict, help_text="The whole answer in true order.")
    shown_value = models.JSONField(default=dict, help_text="The answer as given, in shown order.")
    shown_order = models.JSONField(default=list)
    reason = models.CharField(max_length=40, blank=True, help_text="Why it was skipped or flagged.")
    comment = models.TextField(blank=True)
    blind = models.BooleanField(default=True)
    origin = models.CharField(max_length=20, default="label", help_text="label, compare, import, simulated.")
    surplus = models.BooleanField(default=False, help_text="Came after its lease had passed on; outside snapshots.")
    withdrawn = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    active_ms = models.PositiveIntegerField(null=True)
    judged_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["rater", "judged_at"]),
            models.Index(fields=["item", "withdrawn"]),
            models.Index(fields=["judged_at"], name="judged_when"),
            models.Index(fields=["item"], name="commented", condition=~Q(comment="") & Q(withdrawn=False)),
            models.Index(
                fields=["item", "strength"], name="took_a_side", condition=Q(withdrawn=False, strength__isnull=False)
            ),
        ]


class JudgmentRevision(models.Model):
    """One thing that was said, append-only. `submission` makes sending it twice harmless."""

    class Kind(models.TextChoices):
        GIVE = "give", "Given"
        CHANGE = "change", "Changed"
        WITHDRAW = "withdraw", "Withdrawn"

    judgment = models.ForeignKey(Judgment, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    submission = models.UUIDField(unique=True, default=uuid.uuid4)
    payload = models.JSONField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["judgment", "number"], name="one_revision_per_number")]
