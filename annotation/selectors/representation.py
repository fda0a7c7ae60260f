"""Who judged, counted over what they said of themselves."""

from annotation.about_you import FIELDS, words
from annotation.models import QualityReport, RaterFigures, SelfDescription
from annotation.quality.representation import LEAST_PEOPLE, cells


def representation(report: QualityReport) -> dict:
    """How many people judged, how many of them said something, and each field's cells. Two queries, no names."""
    given = dict(
        RaterFigures.objects.filter(report=report, rater__user__isnull=False).values_list("rater__user", "judgments")
    )
    said = [(row, given[row["user"]]) for row in SelfDescription.objects.filter(user__in=given).values("user", *FIELDS)]
    fields = [
        (title, cells((words(name, row[name]), judgments) for row, judgments in said))
        for name, (title, _) in FIELDS.items()
    ]
    enough = len(said) >= LEAST_PEOPLE
    return {
        "people": len(given),
        "said": len(said) if enough else None,
        "least": LEAST_PEOPLE,
        "fields": fields if enough else [],
    }
