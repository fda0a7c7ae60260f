"""The votes on pairs, as the statistics take them."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from annotation.models import ItemCompletion, Judgment, Project, Rater
from evaluation.votes import Vote

PEOPLE = (Rater.Kind.PERSON, Rater.Kind.IMPORTED)
VOTERS = {
    "people": PEOPLE,
    "judges": (Rater.Kind.JUDGE,),
    "simulated": (Rater.Kind.SIMULATED,),
    "all": tuple(Rater.Kind.values),
}
COUNTED = (Judgment.Outcome.ANSWER, Judgment.Outcome.BOTH_BAD)


@dataclass(frozen=True, slots=True)
class Ballot:
    """One judgment of a pair, with who made which side. `score` is None for both-bad, which is no vote for either."""

    item: int
    prompt: int
    category: str
    first: int  # a Source
    second: int
    score: float | None
    cluster: str  # prompts with the same first turn resemble each other
    rater: int
    kind: str
    blind: bool

    def vote(self) -> Vote:
        return Vote(self.first, self.second, self.score, self.cluster, self.rater)


def chosen_voters(found: list[Ballot], wished: str | None) -> str:
    """Whose ballots to count: those wished, else people's where any voted. Machines are not mixed in unasked."""
    if wished in VOTERS:
        return wished
    return "people" if any(ballot.kind in PEOPLE for ballot in found) else "all"


def standing(judgments: QuerySet) -> QuerySet:
    """Judgments that count: of ended sittings or recorded elsewhere, not withdrawn, not too late."""
    return judgments.filter(
        Q(sitting=None) | Q(sitting__ended_at__isnull=False),
        withdrawn=False,
        surplus=False,
        outcome__in=COUNTED,
        item__published=True,
        item__interface="pairwise",
    )


def ballots(project: Project, *, queue: str | None = None) -> list[Ballot]:
    """Every standing judgment on a pair of two different sources, in `queue` or in the whole project. Two queries."""
    judgments = standing(Judgment.objects.filter(item__project=project))
    entries = ItemCompletion.objects.filter(item__project=project, item__interface="pairwise", index__lt=2)
    if queue is not None:
        judgments, entries = judgments.filter(item__queue=queue), entries.filter(item__queue=queue)
    sources: dict[int, dict[int, int]] = {}
    for item, index, source in entries.values_list("item_id", "index", "completion__source_id").iterator():
        sources.setdefault(item, {})[index] = source
    rows = judgments.order_by("pk").values_list(
        "item_id",
        "item__prompt_id",
        "item__prompt__category",
        "outcome",
        "strength",
        "item__prompt__split_key",
        "rater_id",
        "rater__kind",
        "blind",
    )
    found = []
    for item, prompt, category, outcome, strength, cluster, rater, kind, blind in rows.iterator():
        sides = sources[item]
        if len(sides) == 2 and sides[0] != sides[1]:
            score = None if outcome == Judgment.Outcome.BOTH_BAD else _score(strength)
            found.append(Ballot(item, prompt, category, sides[0], sides[1], score, cluster, rater, kind, blind))
    return found


def _score(strength: int) -> float:
    """What goes to the first: the side counts, not by how much."""
    return 0.5 if strength == 0 else float(strength > 0)
