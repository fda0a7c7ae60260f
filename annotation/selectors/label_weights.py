"""What raters' words weigh, from the newest quality report, for snapshots that ask for it."""

from dataclasses import replace

from annotation.errors import Refused
from annotation.models import Project, RaterFigures
from annotation.policy import Policy
from annotation.selectors.quality import Scope, ready_report

NO_REPORT = "There is no quality report to weigh by. Compute one on the Quality page; it takes seconds."


def weights_of(project: Project) -> dict[str, float]:
    """Weights by rater id as text; under the empty text, that of a rater of whom too little is known: the mean."""
    report = ready_report(project, Scope())
    if report is None:
        return {}
    rows = RaterFigures.objects.filter(report=report, weight__isnull=False).order_by("rater_id")
    known = {str(rater): round(weight, 4) for rater, weight in rows.values_list("rater_id", "weight")}
    return known | {"": round(sum(known.values()) / len(known), 4)} if known else {}


def weighed(project: Project, policy: Policy) -> Policy:
    """The policy with the weights it asks for, so that it stays what it is when a newer report comes.

    Raises Refused if it asks for reliability and there is no report, or nobody in it has answered enough.
    """
    if policy.weights == "none" or policy.trust:
        return policy
    found = weights_of(project)
    if not found:
        told = "No rater has answered enough to be weighed." if ready_report(project, Scope()) else NO_REPORT
        raise Refused(told, code="weights")
    return replace(policy, trust=found)
