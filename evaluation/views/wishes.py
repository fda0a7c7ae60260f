"""What a reader of results may ask for in the address, checked against what there is."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest

from evaluation.selectors.ballots import VOTERS


@dataclass(frozen=True)
class Wishes:
    """Whose votes (None: as it is usual), above which baseline, and whether votes of those who knew the names count."""

    voters: str | None
    baseline: int | None
    opened: bool

    def asked(self) -> dict:
        return {"voters": self.voters, "baseline": self.baseline, "opened": self.opened}

    def address(self, **changed) -> str:
        """The query string with these wishes changed; what is usual is left out."""
        wanted = self.asked() | changed
        said = {
            "voters": wanted["voters"],
            "baseline": wanted["baseline"],
            "opened": "1" if wanted["opened"] else None,
        }
        return "?" + urlencode({key: value for key, value in said.items() if value is not None})

    @property
    def by_voters(self) -> list[tuple[str, str, str]]:
        """(key, word, address) for each kind of voter."""
        words = (("people", "People"), ("simulated", "Simulated"), ("judges", "Judges"), ("all", "All"))
        return [(key, word, self.address(voters=key)) for key, word in words]

    @property
    def with_opened(self) -> str:
        return self.address(opened=True)

    @property
    def without_opened(self) -> str:
        return self.address(opened=False)

    @property
    def query(self) -> str:
        return self.address()


def wishes_in(request: HttpRequest) -> Wishes:
    voters, baseline = request.GET.get("voters"), request.GET.get("baseline", "")
    return Wishes(
        voters=voters if voters in VOTERS else None,
        baseline=int(baseline) if baseline.isdecimal() and len(baseline) < 18 else None,
        opened=request.GET.get("opened") == "1",
    )
