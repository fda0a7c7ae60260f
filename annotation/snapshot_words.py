"""A snapshot's filters and policy as a reader wants them: title and words. Pure."""

from annotation.policy import (
    BOTH_BAD,
    DUPLICATES,
    IMPLICIT,
    MARGIN_TITLES,
    NEUTRAL,
    RANK_MARGINS,
    RANK_PAIRS,
    SEVERAL,
    SOFT,
    TIES,
    TOTALS,
    WEIGHTS,
    Policy,
)
from annotation.snapshot_filters import ORIGINS, RATER_KINDS, Filters


def in_words(policy: Policy, filters: Filters) -> list[tuple[str, str]]:
    said = [
        ("Strength becomes", MARGIN_TITLES[policy.margins]),
        ("Decided from", f"{policy.minimum} step{'s' if policy.minimum > 1 else ''} on"),
        ("A tie becomes", TIES[policy.ties]),
        ("A judge's soft label becomes", SOFT[policy.soft]),
        ("Both bad becomes", BOTH_BAD[policy.both_bad]),
        ("Several judgments", SEVERAL[policy.several]),
        ("A neutral step becomes", NEUTRAL[policy.neutral]),
        ("An edit is better by", f"{0 if policy.margins == 'none' else policy.edit_margin:g}"),
        ("Equal rows", DUPLICATES[policy.duplicates]),
        ("A rubric's scores become", TOTALS[policy.totals]),
        ("Thumb up from a total of", f"{policy.liked:g}"),
        ("Pairs of a ranking", RANK_PAIRS[policy.rank_pairs]),
        ("Their margin", RANK_MARGINS[policy.rank_margins]),
        ("A rating is a thumb", f"up from {policy.up_from:g}, down to {policy.down_to:g}, of 0 to 1"),
        ("Criterion", policy.criterion or "the mean of all"),
        ("Behaviour becomes", IMPLICIT[policy.implicit]),
        ("Rows weigh", _weights(policy)),
        ("Judged by", _listed(filters.rater_kinds, RATER_KINDS)),
        ("Given in", _listed(filters.origins, ORIGINS)),
        ("Days", _days(filters)),
        ("Guides", ", ".join(map(str, filters.guides))),
        ("Raters", f"{len(filters.raters)} chosen" if filters.raters else ""),
        ("Prompt sets", ", ".join(filters.prompt_sets)),
        ("Categories", ", ".join(filters.categories)),
        ("Preferred by", filters.criterion),
        ("Not blind", "taken in" if filters.open_votes else "left out"),
        ("Late answers", "taken in" if filters.surplus else "left out"),
        ("Newest judgment", str(filters.through or "")),
    ]
    return [(title, words) for title, words in said if words]


def _weights(policy: Policy) -> str:
    known = [weight for rater, weight in policy.trust.items() if rater]
    if policy.weights == "none" or not known:
        return WEIGHTS[policy.weights]
    return f"By the reliability of {len(known):,} raters, {min(known):.2f} to {max(known):.2f}; as it was then known"


def _listed(names: tuple[str, ...], titles: dict[str, str]) -> str:
    return ", ".join(titles[name].lower() if name != "judge" else titles[name] for name in names)


def _days(filters: Filters) -> str:
    if filters.since and filters.until:
        return f"{filters.since} to {filters.until}"
    return f"from {filters.since} on" if filters.since else f"up to {filters.until}" if filters.until else ""
