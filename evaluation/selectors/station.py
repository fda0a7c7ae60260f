"""What a project's loop says of comparisons, and what waits there for whom."""

from collections.abc import Sequence

from django.core.cache import cache
from django.db.models import Max
from django.urls import reverse

from annotation.loop import Station, Waiting
from annotation.models import Item, Project
from evaluation.models import Comparison
from evaluation.selectors.results import of_comparison
from evaluation.selectors.sight import left_for

State = Comparison.State
_KEPT_SECONDS = 120
_LOOKED_AT = 5  # newest comparisons that are asked about on the first page


def stations(projects: Sequence[Project]) -> dict[int, Station]:
    """The newest comparison of each project."""
    newest = Comparison.objects.filter(project__in=projects).values("project").annotate(pk=Max("pk")).values("pk")
    found = {comparison.project_id: comparison for comparison in Comparison.objects.filter(pk__in=newest)}
    return {project.pk: _station(project, found.get(project.pk)) for project in projects}


def _station(project: Project, comparison: Comparison | None) -> Station:
    if comparison is None:
        return Station("None yet", "of two checkpoints on the same prompts", quiet=True)
    comparison.project = project
    url = _address(comparison) if "EVALUATION_VIEW" in project.may else ""
    if comparison.state == State.FAILED:
        return Station(comparison.blind_name, "failed; its page says why", url=url, waits=6)
    if comparison.state == State.GENERATING:
        return Station(comparison.blind_name, "the answers are being written", url=url)
    told = cache.get_or_set(
        f"comparison:{project.split_salt}:{comparison.pk}", lambda: _told(comparison), _KEPT_SECONDS
    )
    return Station(comparison.blind_name, url=url, truth=0.5, **told)


def _told(comparison: Comparison) -> dict:
    """Names and the rate only when every vote is in: before, whoever reads this may still have to vote blind."""
    open_pairs = Item.objects.filter(project=comparison.project, queue=comparison.queue, open_slots__gt=0).count()
    results = of_comparison(comparison)
    if open_pairs or not results.rates:
        return {
            "detail": f"{results.over.votes:,} votes; {open_pairs:,} pairs want more",
            "waits": 5 * bool(open_pairs),
        }
    row = results.rates[0]
    detail = f"{row.first.name} beats {row.second.name} in {row.rate.rate:.0%} of {row.rate.votes:,} votes"
    if row.rate.low is None:
        return {"detail": detail}
    return {"detail": detail, "interval": (row.rate.rate, row.rate.low, row.rate.high)}


def waiting(user, projects: Sequence[Project]) -> list[Waiting]:
    """Comparisons that failed, and pairs that want this person's vote, for those who make comparisons."""
    mine = {project.pk: project for project in projects if "EVALUATE" in project.may}
    found = []
    recent = Comparison.objects.filter(project__in=mine).exclude(state=State.GENERATING).order_by("-pk")[:_LOOKED_AT]
    for comparison in recent:
        comparison.project = mine[comparison.project_id]
        if comparison.state == State.FAILED:
            said = f"{comparison.project.name}, {comparison.blind_name}: {comparison.error.splitlines()[0]}"
            found.append(Waiting("alert", "No answers", said, _address(comparison), "Look at it", "bad", 4))
        elif left := left_for(comparison, user):
            said = f"{comparison.project.name}, {comparison.blind_name}: which answer is better, without the names."
            words = f"{left:,} pair{'' if left == 1 else 's'} to vote on"
            found.append(Waiting("votes", words, said, _address(comparison), "Vote", weight=1))
    return found


def _address(comparison: Comparison) -> str:
    return reverse("evaluation:comparison", args=[comparison.project.slug, comparison.pk])
