"""The leaderboard of a project, and figures as CSV."""

import csv
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from annotation.access import Permission, project_for
from evaluation.access import comparison_for
from evaluation.models import Comparison
from evaluation.selectors.results import Results, of_comparison, of_project
from evaluation.selectors.sight import sight_of
from evaluation.selectors.votes_table import VOTE_COLUMNS, vote_rows
from evaluation.views.wishes import wishes_in

BOARD_COLUMNS = (
    *("rank_best", "rank_worst", "name", "kind", "method", "score_elo", "low_elo", "high_elo", "baseline", "votes"),
    *("win_rate", "win_rate_low", "win_rate_high", "ties", "both_bad"),
)


@require_safe
def leaderboard(request: HttpRequest, slug: str):
    project = project_for(request.user, slug, Permission.EVALUATION_VIEW)
    wishes = wishes_in(request)
    page = {
        "project": project,
        "section": "compare",
        "results": of_project(project, **wishes.asked()),
        "wishes": wishes,
    }
    return render(request, "evaluation/leaderboard.html", page)


@require_safe
def leaderboard_csv(request: HttpRequest, slug: str):
    project = project_for(request.user, slug, Permission.EXPORT)
    results = of_project(project, **wishes_in(request).asked())
    return _csv(f"{slug}-leaderboard.csv", BOARD_COLUMNS, _board_rows(results))


@require_safe
def comparison_csv(request: HttpRequest, slug: str, pk: int):
    """The standing as CSV, once its reader may see it."""
    found = comparison_for(request.user, slug, pk, Permission.EXPORT)
    if not _may_see(found, request.user):
        return redirect("evaluation:comparison", slug=slug, pk=pk)
    results = of_comparison(found, **wishes_in(request).asked())
    return _csv(f"{slug}-comparison-{pk}.csv", BOARD_COLUMNS, _board_rows(results))


@require_safe
def votes_csv(request: HttpRequest, slug: str, pk: int):
    """Every vote that counts, a row each, raters by number, once its reader may see who is who."""
    found = comparison_for(request.user, slug, pk, Permission.EXPORT)
    if not _may_see(found, request.user):
        return redirect("evaluation:comparison", slug=slug, pk=pk)
    return _csv(f"{slug}-comparison-{pk}-votes.csv", VOTE_COLUMNS, vote_rows(found))


def _may_see(comparison: Comparison, user) -> bool:
    return comparison.state == Comparison.State.READY and sight_of(comparison, user).revealed


def _board_rows(results: Results) -> Iterable[tuple]:
    for row in results.board.rows if results.board else ():
        who, rate = results.contenders[row.player], row.wins
        yield (
            *row.ranks,
            who.name,
            who.kind,
            who.method,
            _rounded(row.score, 1),
            _rounded(row.low, 1),
            _rounded(row.high, 1),
            int(row.baseline),
            row.votes,
            *((_rounded(rate.rate, 4), _rounded(rate.low, 4), _rounded(rate.high, 4), rate.ties) if rate else [""] * 4),
            row.both_bad,
        )


def _rounded(value: float | None, digits: int) -> str | float:
    return "" if value is None else round(value, digits)


def _csv(name: str, columns: Iterable[str], rows: Iterable[tuple]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return response


def _harmless(cell):
    """Spreadsheets run text that begins like a formula; a leading quote keeps it text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
