"""What the votes say: win rates by pair and by kind of prompt, the table, the matrix, and what they are over."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from django.db.models.functions import Length

from annotation.models import ItemCompletion, Project, Rater
from evaluation.board import Board, board
from evaluation.models import Comparison
from evaluation.plots import Axis, axis
from evaluation.selectors import contenders
from evaluation.selectors.ballots import VOTERS, Ballot, ballots, chosen_voters
from evaluation.selectors.contenders import Contender
from evaluation.votes import Vote
from evaluation.win_rates import WinRate, between

SAME_LENGTH = 0.1
FEW = 5  # a kind of prompt with fewer votes has no row of its own
PLOT, BOARD_PLOT = 400, 340


@dataclass(frozen=True)
class RateRow:
    """A row of the interval plot: how often `first` beats `second` on some prompts."""

    title: str
    first: Contender
    second: Contender
    rate: WinRate


@dataclass(frozen=True)
class Over:
    """What the figures are over."""

    votes: int
    prompts: int
    people: int
    simulated: int
    judges: int
    both_bad: int
    open: int  # votes left out because their givers knew the names

    @property
    def voters(self) -> int:
        return self.people + self.simulated + self.judges


@dataclass(frozen=True)
class Results:
    contenders: dict[int, Contender]
    voters: str  # whose votes: a key of VOTERS
    over: Over
    board: Board | None
    rates: list[RateRow]
    rate_axis: Axis
    board_axis: Axis

    @property
    def lines(self) -> list[dict]:
        """The win matrix by row: who, and how often they beat each of the others, in the table's order."""
        order = self.board.order if self.board else []
        return [
            {"who": self.contenders[row], "cells": [self.board.matrix.get((row, column)) for column in order]}
            for row in order
        ]

    @property
    def baseline(self) -> Contender | None:
        return self.contenders[self.board.baseline] if self.board else None


def of_comparison(
    comparison: Comparison, *, voters: str | None = None, baseline: int | None = None, opened: bool = False
) -> Results:
    """The results of one comparison. Votes by people who knew the names count only if `opened` asks for them."""
    found = ballots(comparison.project, queue=comparison.queue)
    return results(
        contenders.of_comparison(comparison),
        found,
        voters=voters,
        baseline=baseline,
        opened=opened,
        same_length=lambda: same_length(comparison.project, comparison.queue),
    )


def of_project(
    project: Project, *, voters: str | None = None, baseline: int | None = None, opened: bool = False
) -> Results:
    """The leaderboard: every vote of the project. The baseline is, unless asked otherwise, who has most votes."""
    found = ballots(project)
    known = contenders.of_sources(project, {source for ballot in found for source in (ballot.first, ballot.second)})
    if baseline is None:
        votes = Counter(source for ballot in found for source in (ballot.first, ballot.second))
        baseline = max(votes, key=lambda source: (votes[source], -source), default=None)
    return results(known, found, voters=voters, baseline=baseline, opened=opened)


def results(
    known: Sequence[Contender],
    found: Sequence[Ballot],
    *,
    voters: str | None,
    baseline: int | None,
    opened: bool,
    same_length: Callable[[], set[int]] = set,
) -> Results:
    chosen = chosen_voters(found, voters)
    found = [ballot for ballot in found if ballot.kind in VOTERS[chosen]]
    by_source = {contender.source: contender for contender in known}
    counted = [
        ballot for ballot in found if (ballot.blind or opened) and {ballot.first, ballot.second} <= set(by_source)
    ]
    decided = [ballot for ballot in counted if ballot.score is not None]
    both_bad = Counter(source for ballot in counted if ballot.score is None for source in (ballot.first, ballot.second))
    if baseline not in by_source:
        baseline = next(iter(by_source), None)
    standing = None
    if decided and len(by_source) > 1:
        standing = board([b.vote() for b in decided], list(by_source), baseline=baseline, both_bad=both_bad)
    rates = list(_rates(known, decided, same_length))
    return Results(
        contenders=by_source,
        voters=chosen,
        over=over(counted, left_out=len(found) - len(counted)),
        board=standing,
        rates=rates,
        rate_axis=axis(
            [100 * end for row in rates for end in (row.rate.low, row.rate.high, row.rate.rate) if end is not None],
            truth=50,
            width=PLOT,
            least=20,
            most=50,
            steps=(5, 10, 25),
        ),
        board_axis=axis(
            [end for row in (standing.rows if standing else ()) for end in (row.low, row.high, row.score)],
            truth=0,
            width=BOARD_PLOT,
            least=50,
        ),
    )


def over(counted: Iterable[Ballot], *, left_out: int = 0) -> Over:
    counted = list(counted)
    kinds = defaultdict(set)
    for ballot in counted:
        kinds[ballot.kind].add(ballot.rater)
    return Over(
        votes=sum(ballot.score is not None for ballot in counted),
        prompts=len({ballot.prompt for ballot in counted}),
        people=len(kinds[Rater.Kind.PERSON]) + len(kinds[Rater.Kind.IMPORTED]),
        simulated=len(kinds[Rater.Kind.SIMULATED]),
        judges=len(kinds[Rater.Kind.JUDGE]),
        both_bad=sum(ballot.score is None for ballot in counted),
        open=left_out,
    )


def _rates(known: Sequence[Contender], decided: Sequence[Ballot], same_length) -> Iterable[RateRow]:
    """Of two: overall, on answers of the same length, by category. Of more: every pair."""
    pairs = list(combinations(known, 2))
    for first, second in pairs:
        title = "All prompts" if len(pairs) == 1 else f"{first.name} over {second.name}"
        yield from _rate(title, first, second, decided)
    if len(pairs) != 1 or not decided:
        return
    [(first, second)] = pairs
    alike = same_length()
    same = [ballot for ballot in decided if ballot.item in alike]
    if len(same) >= FEW:
        yield from _rate("Same length ± 10 %", first, second, same)
    by_category = defaultdict(list)
    for ballot in decided:
        by_category[ballot.category].append(ballot)
    if len(by_category) > 1:
        for category, own in sorted(by_category.items()):
            if len(own) >= FEW:
                yield from _rate(category or "Without category", first, second, own)


def _rate(title: str, first: Contender, second: Contender, own: Sequence[Ballot]) -> Iterable[RateRow]:
    votes: list[Vote] = [ballot.vote() for ballot in own]
    rate = between(votes, first.source, second.source)
    if rate is not None:
        yield RateRow(title, first, second, rate)


def same_length(project: Project, queue: str) -> set[int]:
    """Items whose two answers differ by at most a tenth of the longer one, in characters."""
    lengths = defaultdict(list)
    rows = ItemCompletion.objects.filter(item__project=project, item__queue=queue).annotate(
        characters=Length("completion__text")
    )
    for item, characters in rows.values_list("item_id", "characters"):
        lengths[item].append(characters)
    return {item for item, both in lengths.items() if max(both) - min(both) <= SAME_LENGTH * max(both)}
