"""A table of players by Bradley-Terry strength, and of how often each beats each. Pure: no Django, no torch."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from evaluation.ratings import ELO, Ratings, fit
from evaluation.votes import Vote
from evaluation.win_rates import WinRate, win_matrix, win_rate

SETTLED_WITHIN = 60  # Elo points to either side


@dataclass(frozen=True)
class Row:
    """One player. `score`, `low` and `high` are on the Elo scale, above the baseline; no interval for the baseline."""

    player: Hashable
    ranks: tuple[int, int]
    score: float
    low: float | None
    high: float | None
    votes: int
    wins: WinRate | None  # over everybody
    beats_baseline: WinRate | None
    both_bad: int
    baseline: bool

    @property
    def settled(self) -> bool:
        return self.low is not None and self.high - self.low <= 2 * SETTLED_WITHIN

    @property
    def provisional(self) -> bool:
        return not self.baseline and not self.settled

    @property
    def both_bad_share(self) -> float | None:
        seen = self.votes + self.both_bad
        return self.both_bad / seen if seen else None


@dataclass(frozen=True)
class Board:
    """`rows` from the strongest to the weakest; `matrix` maps (row, column) to how often the row beats the column."""

    rows: tuple[Row, ...]
    matrix: dict[tuple[Hashable, Hashable], WinRate | None]
    ratings: Ratings
    votes: int
    baseline: Hashable

    @property
    def order(self) -> list[Hashable]:
        return [row.player for row in self.rows]

    @property
    def linked(self) -> bool:
        """Votes link everybody to everybody, directly or through others."""
        return len(set(self.ratings.group)) == 1

    @property
    def comparisons(self) -> int:
        return len(self.ratings.differences)


def board(
    votes: Sequence[Vote],
    players: Sequence[Hashable],
    *,
    baseline: Hashable,
    both_bad: dict[Hashable, int] | None = None,
) -> Board:
    """The standing of `players` (two or more, `baseline` among them). Votes on others are an error."""
    ratings = fit(votes, players)
    matrix = win_matrix(votes, players)
    rows = []
    for player in players:
        value, error = ratings.above(player, baseline)
        half = None if error is None else ratings.spread.quantile() * error
        rates = win_rate(votes, player)
        rows.append(
            Row(
                player=player,
                ranks=ratings.rank_range(player),
                score=ELO * value,
                low=None if half is None else ELO * (value - half),
                high=None if half is None else ELO * (value + half),
                votes=rates.votes if rates else 0,
                wins=rates,
                beats_baseline=None if player == baseline else matrix[player, baseline],
                both_bad=(both_bad or {}).get(player, 0),
                baseline=player == baseline,
            )
        )
    rows.sort(key=lambda row: -row.score)
    return Board(tuple(rows), matrix, ratings, len(votes), baseline)
