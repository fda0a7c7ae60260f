"""Hand-derived and published figures of agreement that ours must reproduce: rows for `manage.py verify`. Pure."""

from annotation.agreement import krippendorff_alpha, raw_agreement

# K. Krippendorff (2011), Computing Krippendorff's alpha-reliability, the worked example of section C: four observers,
# twelve units, some not observed (0).
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3),
    (0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0),
)
PUBLISHED = {"nominal": 0.743, "ordinal": 0.815}


def row(source: str, oracle: str, expected: float, measured: float, tolerance: float) -> dict:
    return {
        "method": "agreement",
        "source": source,
        "oracle": oracle,
        "expected": expected,
        "measured": float(measured),
        "tolerance": tolerance,
        "passed": bool(abs(measured - expected) <= tolerance),
    }


def agreement() -> list[dict]:
    units = [[rating for rating in unit if rating] for unit in zip(*OBSERVERS, strict=True)]
    found = [
        row("Krippendorff 2011", f"alpha, {level}", value, krippendorff_alpha(units, level=level).value, 5e-4)
        for level, value in PUBLISHED.items()
    ]
    # {1,1}, {1,2}, {2,2}: margins 3 and 3, n = 6; D_o = 2, D_e = 2 * 9 / 5; alpha = 1 - 5/9.
    alpha = krippendorff_alpha([[1, 1], [1, 2], [2, 2]], resamples=0).value
    found.append(row("by hand", "alpha of three units", 4 / 9, alpha, 1e-12))
    # {1,1,2} has one equal pair of three, {2,2} one of one.
    share = raw_agreement([[1, 1, 2], [2, 2], [3]]).value
    found.append(row("by hand", "raw agreement counts pairs", 0.5, share, 1e-12))
    return found


ORACLES = {"agreement": agreement}


def rows(names: list[str] | None = None) -> list[dict]:
    """The rows of these oracles, or of all. Names that are not here are somebody else's."""
    return [line for name, oracle in ORACLES.items() if not names or name in names for line in oracle()]
