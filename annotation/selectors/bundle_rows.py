"""Every row of a project, table by table, for an export of everything.

A table is a model and all its columns, so that a column somebody adds is exported from the day it exists; a test
walks the app's models, so that a new one is either here or left out with a reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import ForeignKey, Max, Model, Q, QuerySet

from annotation.models import (
    Completion,
    Constitution,
    ConstitutionVersion,
    FeedbackJob,
    FeedbackRow,
    ImportJob,
    Instruction,
    Item,
    ItemCompletion,
    Judge,
    JudgeVersion,
    Judgment,
    JudgmentRevision,
    Project,
    Prompt,
    Rater,
    Rubric,
    RubricCategory,
    RubricItem,
    RubricScore,
    RubricVersion,
    Sitting,
    Source,
    Task,
)

_BATCH = 2_000


def _published(prefix: str = "") -> Q:
    """Not of an import that is still being read or was taken back."""
    field = f"{prefix}import_job"
    return Q(**{field: None}) | Q(**{f"{field}__state": ImportJob.State.PUBLISHED})


@dataclass(frozen=True)
class Rows:
    """A table: its model, the way from a row to its project, what narrows it, and columns that stay here.

    Coming back, rows of `staged` tables are written while the bundle is read and seen by nobody; all others wait for
    the moment of publishing. Rows of `named` ones are known by kind and key, and used if they are there already.
    """

    name: str
    model: type[Model]
    of: str = "project"
    where: Q | None = None
    leave: tuple[str, ...] = ()
    staged: bool = False
    named: bool = False

    def of_project(self, project: Project) -> QuerySet:
        return self.model.objects.filter(self.where or Q(), **{self.of: project}).order_by("pk")


_OVER = Q(state=FeedbackJob.State.DONE)  # what runs, or was broken off, is this installation's
# In the order in which they are read: what a row refers to comes before it.
TABLES = (
    Rows("sources", Source, leave=("uid",), staged=True, named=True),
    Rows("raters", Rater, staged=True, named=True),
    Rows("guides", Instruction),
    Rows("tasks", Task),
    Rows("prompts", Prompt, where=Q(published=True), leave=("published",), staged=True),
    Rows("completions", Completion, "prompt__project", _published() & Q(prompt__published=True), staged=True),
    Rows("items", Item, where=Q(published=True), leave=("published",), staged=True),
    Rows("places", ItemCompletion, "item__project", Q(item__published=True), staged=True),
    Rows("sittings", Sitting, leave=("cursor",)),
    Rows("judgments", Judgment, "item__project", _published() & Q(item__published=True), staged=True),
    Rows("revisions", JudgmentRevision, "judgment__item__project",
         _published("judgment__") & Q(judgment__item__published=True), leave=("submission",), staged=True),
    Rows("constitutions", Constitution),
    Rows("constitution_versions", ConstitutionVersion, "constitution__project"),
    Rows("judges", Judge),
    Rows("judge_versions", JudgeVersion, "judge__project", leave=("figures", "measured_at")),
    Rows("feedback_jobs", FeedbackJob, where=_OVER, leave=("uid", "worker", "heartbeat_at")),
    Rows("feedback_rows", FeedbackRow, "job__project", Q(job__state=FeedbackJob.State.DONE)),
    Rows("rubrics", Rubric),
    Rows("rubric_versions", RubricVersion, "rubric__project"),
    Rows("rubric_categories", RubricCategory, "version__rubric__project"),
    Rows("rubric_items", RubricItem, "category__version__rubric__project"),
    # Scores that stand in a judgment are made again from it.
    Rows("rubric_scores", RubricScore, "item__category__version__rubric__project",
         _published("completion__") & Q(judgment=None, completion__prompt__published=True)),
)  # fmt: skip
# What an export of a project leaves out, and why.
LEFT_OUT = {
    "Batch": "a lead's view of the work, by days and items; judgments keep their dates",
    "BatchItem": "see Batch",
    "Block": "hand-outs that were under way, as assignments are",
    "BulkChange": "how items came to stand as they do; they are exported as they stand",
    "ItemText": "made again from what is here",
    "SearchMark": "see ItemText",
    "Export": "files of their own",
    "AuditEntry": "who changed what in this installation; a file of its own (audit.csv)",
    "RubricTrial": "a sample that was looked at; the scores of judges and programs are exported",
    "Project": "stands in the manifest",
    "ImportJob": "how data came in; what came in is exported",
    "Assignment": "hand-outs that were under way; answers keep the order shown themselves",
    "Membership": "people of this installation",
    "Invitation": "secrets",
    "ApiToken": "secrets",
    "CaptureKey": "secrets; what came in by them is exported",
    "Filling": "how items were made; they are exported as they stand",
    "SignInFailure": "of the site, not of a project",
    "ChatSession": "a talk under way; what was said stands in the judgment",
    "ChatTurn": "see ChatSession",
    "ChatAnswer": "see ChatSession",
    "Endpoint": "an address that this installation calls; what it wrote is exported",
    "Gathering": "see GenerationRequest",
    "GenerationRequest": "work for this installation's workers; its completions are exported",
    "GenerationRow": "see GenerationRequest",
    "QualityReport": "computed anew from the answers",
    "RaterFigures": "see QualityReport",
    "Disagreement": "see QualityReport",
    "SelfDescription": "people's own, told to nobody",
    "Snapshot": "frozen files of their own; they are made again, equal to the byte, from what is here",
}
_MODELS = {table.model: table.name for table in TABLES}


def columns_of(table: Rows) -> dict[str, str]:
    """Column in the file to the model's attribute; references to what stays here are left out."""
    found = {}
    for field in table.model._meta.concrete_fields:
        kept = not isinstance(field, ForeignKey) or field.related_model in _MODELS
        if kept and field.name not in table.leave:
            found[field.name] = field.attname
    return found


def refers(table: Rows) -> dict[str, str]:
    """Which columns name rows of which table."""
    fields = (table.model._meta.get_field(name) for name in columns_of(table))
    return {field.name: _MODELS[field.related_model] for field in fields if isinstance(field, ForeignKey)}


def limits(project: Project) -> dict[str, int]:
    """The newest row of each table, dependents first: what a row up to here refers to is up to here too."""
    return {
        table.name: table.of_project(project).aggregate(newest=Max("pk"))["newest"] or 0 for table in reversed(TABLES)
    }


def table_rows(project: Project, table: Rows, *, people: bool, newest: int) -> Iterator[dict]:
    """The table's rows up to `newest`, in id order. Without `people`, those who are persons stand there by number."""
    columns = columns_of(table)
    chosen = table.of_project(project).filter(pk__lte=newest).values_list(*columns.values())
    for values in chosen.iterator(chunk_size=_BATCH):
        row = {name: plain(value) for name, value in zip(columns, values, strict=True)}
        if table.model is Rater and not people and row["kind"] == Rater.Kind.PERSON:
            row["key"] = row["name"] = f"annotator {row['id']:02d}"
        yield row


def project_row(project: Project) -> dict:
    """The project's own columns: its settings, and the salt that splits hang on."""
    fields = project._meta.concrete_fields
    return {
        field.name: plain(getattr(project, field.attname)) for field in fields if field.name not in ("id", "created_by")
    }


def row_count(project: Project) -> int:
    """How many rows an export of everything has."""
    return sum(table.of_project(project).count() for table in TABLES)


def plain(value):
    """A column's value as JSON has it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value
