"""What the pages of judges and constitutions show."""

from django.db.models import Count, Max, OuterRef, Q, Subquery

from annotation.judging.principles import Change, differences
from annotation.models import Constitution, ConstitutionVersion, FeedbackJob, Item, Judge, JudgeVersion, Project, Source

JOBS_SHOWN = 30


def judges(project: Project) -> list[JudgeVersion]:
    """The newest version of each judge, those in use first, by name. One query."""
    newest = JudgeVersion.objects.filter(judge=OuterRef("judge")).order_by("-number").values("pk")[:1]
    rows = JudgeVersion.objects.filter(judge__project=project, pk=Subquery(newest))
    return list(rows.select_related("judge", "source", "constitution__constitution").order_by(
        "judge__retired_at", "judge__name"
    ))  # fmt: skip


def constitutions(project: Project) -> list[Constitution]:
    """By name, each with its newest version as `newest`. Two queries."""
    rows = list(Constitution.objects.filter(project=project).annotate(last=Max("versions__number")).order_by("name"))
    newest = {
        (version.constitution_id, version.number): version
        for version in ConstitutionVersion.objects.filter(constitution__in=rows)
    }
    for row in rows:
        row.newest = newest.get((row.pk, row.last))
    return rows


def jobs(project: Project, **only) -> list[FeedbackJob]:
    """The newest jobs."""
    found = FeedbackJob.objects.filter(project=project, **only).order_by("-id")
    return list(found.select_related("judge__judge", "writer", "constitution__constitution")[:JOBS_SHOWN])


def judge_of(project: Project, pk: int) -> Judge | None:
    return Judge.objects.filter(project=project, pk=pk).first()


def versions_of(judge: Judge) -> list[JudgeVersion]:
    """Newest first."""
    rows = judge.versions.select_related("judge", "source", "constitution__constitution", "created_by", "rater")
    return list(rows.order_by("-number"))


def constitution_of(project: Project, pk: int) -> Constitution | None:
    return Constitution.objects.filter(project=project, pk=pk).first()


def changes_of(versions: list[ConstitutionVersion], shown: ConstitutionVersion) -> list[Change]:
    """What became of each principle since the version before the one shown."""
    before = next((one for one in versions if one.number == shown.number - 1), None)
    return differences(before.read if before else shown.read, shown.read)


def speaking_sources(project: Project) -> list[Source]:
    """Checkpoints and endpoints that may be asked, by name."""
    rows = Source.objects.filter(project=project, kind__in=(Source.Kind.MODEL, Source.Kind.ENDPOINT))
    return list(rows.order_by("name"))


def queues_with_pairs(project: Project) -> dict[str, int]:
    """How many published pairs each queue holds."""
    pairs = Item.objects.filter(project=project, interface="pairwise", published=True)
    return dict(pairs.values_list("queue").annotate(n=Count("pk")).order_by("queue"))


def constitution_versions(project: Project) -> list[ConstitutionVersion]:
    """Every version, newest of each first."""
    rows = ConstitutionVersion.objects.filter(constitution__project=project).select_related("constitution")
    return list(rows.order_by("constitution__name", "-number"))


def judge_versions(project: Project, *modes: str) -> list[JudgeVersion]:
    """Versions in use that are asked in one of these ways."""
    rows = JudgeVersion.objects.filter(judge__project=project, judge__retired_at=None)
    return list(rows.filter(Q(mode__in=modes)).select_related("judge").order_by("judge__name", "-number"))
