"""What the pages of feedback jobs show: counts by how rows ended, and rows with what was said."""

from django.core.paginator import Paginator
from django.db.models import Count

from annotation.judging.comparing import PAIRED
from annotation.models import FeedbackJob, FeedbackRow, Project

A_PAGE = 30


def job_of(project: Project, pk: int) -> FeedbackJob | None:
    related = ("judge__judge", "judge__source", "writer", "constitution__constitution", "created_by")
    return FeedbackJob.objects.filter(project=project, pk=pk).select_related(*related).first()


def counts(job: FeedbackJob) -> dict[str, int]:
    """Rows by state, every state named."""
    found = dict(job.rows.values_list("state").annotate(n=Count("pk")))
    return {state: found.get(state, 0) for state in FeedbackRow.State.values}


def rows_page(job: FeedbackJob, *, state: str, page):
    """One page of rows, of one state or of all that ended."""
    rows = job.rows.select_related("prompt", "item__prompt").order_by("number")
    rows = rows.filter(state=state) if state in FeedbackRow.State.values else rows.exclude(state="waiting")
    return Paginator(rows, A_PAGE).get_page(page)


def row_of(job: FeedbackJob, number: int) -> FeedbackRow | None:
    return job.rows.filter(number=number).select_related("prompt", "item__prompt").first()


def answers_shown(row: FeedbackRow) -> list[tuple[str, str]]:
    """The two answers of a row about a pair, in the order shown: (A, text), (B, text)."""
    if row.item is None:
        return []
    entries = row.item.entries.order_by("index").values_list("completion__text", flat=True)
    texts = list(entries[:2])
    return list(zip("AB", texts if row.place == 0 else reversed(texts), strict=False))


def neighbours(row: FeedbackRow) -> tuple[int | None, int | None]:
    """Numbers of the rows before and after that have ended."""
    ended = FeedbackRow.objects.filter(job=row.job_id).exclude(state="waiting")
    before = ended.filter(number__lt=row.number).order_by("-number").values_list("number", flat=True).first()
    after = ended.filter(number__gt=row.number).order_by("number").values_list("number", flat=True).first()
    return before, after


def place_words(job: FeedbackJob, row: FeedbackRow) -> str:
    """What the row's place means for its kind of job."""
    if job.kind == "compare" and job.judge.mode not in PAIRED:
        return ("first answer", "second answer")[row.place]
    if job.kind in ("compare", "debate", "inverse"):
        return ("first shown first", "second shown first")[row.place]
    return ""
