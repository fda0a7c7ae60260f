"""What somebody voted, with what was hidden then: names, lengths, rewards, and what others said."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from annotation.interfaces import interface
from annotation.models import Completion, Judgment
from annotation.selectors.labelling import given_of
from evaluation.models import Comparison
from evaluation.selectors.ballots import standing
from evaluation.selectors.contenders import Contender, of_comparison
from evaluation.selectors.reading import scores_of

MOST = 300


@dataclass(frozen=True)
class Side:
    """One side as it was shown."""

    letter: str
    contender: Contender
    completion: Completion
    scores: list[tuple[str, float | None]]
    others: int  # how many others preferred it

    @property
    def words(self) -> int:
        return len(self.completion.text.split())


@dataclass(frozen=True)
class OwnVote:
    prompt: str
    sides: tuple[Side, Side]
    sentence: str  # as it was said, in letters
    winner: Contender | None
    outcome: str
    others_undecided: int
    comment: str
    blind: bool

    @property
    def others(self) -> int:
        return sum(side.others for side in self.sides) + self.others_undecided

    @property
    def contradicting(self) -> list[str]:
        """Reward models that put the other side ahead."""
        if self.winner is None:
            return []
        won, lost = self.sides if self.sides[0].contender == self.winner else reversed(self.sides)
        theirs = dict(lost.scores)
        return [
            name
            for name, value in won.scores
            if value is not None and theirs.get(name) is not None and theirs[name] > value
        ]


def own_votes(comparison: Comparison, user, *, token=None) -> list[OwnVote]:
    """This person's votes of ended sittings, newest first; or the one of the lease `token`, of the open one too."""
    own = Judgment.objects.filter(
        item__project=comparison.project, item__queue=comparison.queue, rater__user=user, withdrawn=False
    )
    own = own.filter(sitting__ended_at__isnull=False) if token is None else own.filter(assignment__token=token)
    judgments = list(
        own.select_related("item__prompt").prefetch_related("item__entries__completion").order_by("-judged_at")[:MOST]
    )
    people = {contender.source: contender for contender in of_comparison(comparison)}
    others = _others([judgment.item_id for judgment in judgments], user)
    completions = [entry.completion_id for judgment in judgments for entry in judgment.item.entries.all()]
    scores = scores_of(comparison, completions)
    return [_vote(judgment, people, scores, others[judgment.item_id]) for judgment in judgments]


def _others(items: list[int], user) -> dict[int, Counter]:
    """For each item how many others preferred the first (1), the second (-1), or neither (0)."""
    found = defaultdict(Counter)
    rows = standing(Judgment.objects.filter(item__in=items)).exclude(rater__user=user)
    for item, strength in rows.values_list("item_id", "strength"):
        found[item][(strength > 0) - (strength < 0) if strength is not None else 0] += 1
    return found


def _vote(judgment: Judgment, people, scores, others: Counter) -> OwnVote:
    entries = list(judgment.item.entries.all())
    sides = tuple(
        Side(
            letter=letter,
            contender=people[entries[index].completion.source_id],
            completion=entries[index].completion,
            scores=scores.get(entries[index].completion_id, []),
            others=others[1 if index == 0 else -1],
        )
        for letter, index in zip("ab", judgment.shown_order, strict=True)
    )
    winner = None
    if judgment.strength:
        winner = people[entries[0 if judgment.strength > 0 else 1].completion.source_id]
    way = interface(judgment.item.interface)
    return OwnVote(
        prompt=judgment.item.prompt.messages[-1]["content"],
        sides=sides,
        sentence=way.sentence(judgment.outcome, given_of(judgment)),
        winner=winner,
        outcome=judgment.outcome,
        others_undecided=others[0],
        comment=judgment.comment,
        blind=judgment.blind,
    )
