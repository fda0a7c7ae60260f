"""The loop as a project shows it: five stations, each told by the app that owns it.

Annotation may not know training or evaluation, so they register themselves when they are ready (in their AppConfig):

    loop.register("runs", stations=…, waiting=…)

`stations(projects)` gives a Station for each project id, for all projects at once; `waiting(user, projects)` gives
what waits for this person. Projects carry `role` and `may` (access.py).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

ORDER = ("labels", "agreement", "snapshot", "runs", "comparison")
TITLES = {
    "labels": "Labels this week",
    "agreement": "Agreement",
    "snapshot": "Snapshot",
    "runs": "Runs",
    "comparison": "Comparison",
}


@dataclass(frozen=True)
class Station:
    """One stop of the loop. `waits` says how much it waits for somebody: the weight hangs where that is highest.

    `bars`: counts, the last one today's; `interval`: (value, low, high) from 0 to 1 with the line of truth at `truth`;
    `line`: a curve. At most one of them is drawn.
    """

    headline: str
    detail: str = ""
    url: str = ""  # of the headline
    link: tuple[str, str] | None = None  # (words, address), before the detail
    quiet: bool = False  # nothing here yet
    waits: int = 0
    bars: Sequence[float] = ()
    interval: tuple[float, float, float] | None = None
    truth: float = 0.6
    line: Sequence[float] = ()
    key: str = ""
    state: str = ""  # `now` where the weight hangs, `next` beyond it

    @property
    def title(self) -> str:
        return TITLES[self.key]


@dataclass(frozen=True)
class Waiting:
    """Something for somebody to do: an icon and a few words, what happened, where to go."""

    icon: str
    title: str
    text: str
    url: str
    action: str
    state: str = ""  # `warn`, `bad` or nothing
    weight: int = field(default=0, compare=False)


_stations: dict[str, Callable] = {}
_waiting: dict[str, Callable] = {}


def register(key: str, *, stations: Callable | None = None, waiting: Callable | None = None) -> None:
    if stations is not None:
        if key not in ORDER:
            raise ValueError(f"no station {key!r}; there are {', '.join(ORDER)}")
        _stations[key] = stations
    if waiting is not None:
        _waiting[key] = waiting


def loops(projects: Sequence) -> dict[int, list[Station]]:
    """The stations of each project, in order, with the weight hung."""
    told = {key: teller(projects) for key in ORDER if (teller := _stations.get(key))}
    return {
        project.pk: _hang([replace(found[project.pk], key=key) for key, found in told.items() if project.pk in found])
        for project in projects
    }


def _hang(stations: list[Station]) -> list[Station]:
    now = max(range(len(stations)), key=lambda place: (stations[place].waits, -place), default=0)
    return [
        replace(station, state="now" if place == now else "next" if place > now else "")
        for place, station in enumerate(stations)
    ]


def waiting_for(user, projects: Sequence) -> list[Waiting]:
    """What waits for this person, heaviest first."""
    found: Iterable[Waiting] = (item for teller in _waiting.values() for item in teller(user, projects))
    return sorted(found, key=lambda item: -item.weight)
