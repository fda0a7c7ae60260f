"""The audit log: who changed what, for leads."""

import csv
from urllib.parse import urlencode

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe

from annotation.access import Permission, project_for
from annotation.audit_words import said, title_of
from annotation.numbers import whole_number
from annotation.pages import page_or_part
from annotation.selectors.audit import Wanted, choices, entries, entry_page

COLUMNS = ("id", "at", "by", "action", "title", "target", "target_key", "before", "after")


@require_safe
def audit_page(request, slug):
    project = project_for(request.user, slug, Permission.AUDIT)
    wanted = Wanted.read(request.GET)
    found, older = entry_page(project, wanted, before=whole_number(request.GET.get("before")))
    page = {
        "project": project,
        "section": "projects",
        "entries": found,
        "older": older,
        "wanted": wanted,
        "query": urlencode(wanted.as_query()),
        "choices": choices(project),
    }
    return page_or_part(request, "annotation/audit.html", {"entries": lambda: page})


@require_safe
def audit_csv(request, slug):
    """Everything that the filters choose, as a file."""
    project = project_for(request.user, slug, Permission.AUDIT)
    rows = entries(project, Wanted.read(request.GET)).iterator(chunk_size=1000)
    return StreamingHttpResponse(
        csv_lines(COLUMNS, map(_row, rows)),
        content_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{project.slug}-audit.csv"'},
    )


def _row(entry) -> tuple:
    at = entry.at.isoformat(timespec="seconds")
    sides = said(entry.before), said(entry.after)
    return (entry.pk, at, entry.by_name, entry.action, title_of(entry.action), entry.target, entry.target_key, *sides)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(columns, rows):
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value):
    """A spreadsheet would run a text that begins like a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
