"""The data card: counts, agreement, bias, lengths and where the rows come from, gathered while rows go by. Pure.

The preview and the frozen card come from the same tally, so that what the page promised is what the card says.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain, repeat

from annotation.agreement import krippendorff_alpha
from annotation.policy import Plan, Said
from annotation.shares import share
from annotation.snapshot_format import SPLITS

LENGTH_BINS = (0, 50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800)  # characters, each from here on
LEAST_OVERLAPS = 50
_WARN_LENGTH = (0.4, 0.6)

LEFT_OUT = {
    "tie": "ties, or weaker than the minimum",
    "both_bad": "both bad",
    "skip": "skipped",
    "broken": "flagged",
    "unreliable": "of raters no better than chance",
    "same_text": "both answers are the same text",
    "not_a_pair": "not about a pair",
    "not_liked": "thumbs down, or not of this format",
    "incomplete": "an answer is missing",
    "ungraded": "not graded by this criterion",
    "neutral": "a step is neutral",
    "unlabelled": "a step is not labelled",
    "unrankable": "none can be ranked",
    "between": "rated between thumbs down and up",
    "no_criterion": "the criterion was not rated",
    "implicit": "concluded from behaviour only",
    "other_format": "not of this format",
}


class Own:
    """A text that an answer brought itself."""

    def __init__(self, text: str):
        self.length = len(text)


class Tally:
    """Counts what goes by. `add` takes an item's judgments, `row` each row that they yield."""

    def __init__(self, format: str):
        self.format = format
        self.items = 0
        self.rows: Counter = Counter()  # by split
        self.left_out: Counter = Counter()
        self.duplicates = 0
        self.outcomes: Counter = Counter()
        self.strengths: Counter = Counter()
        self.raters: Counter = Counter()
        self.kinds: Counter = Counter()
        self.guides: Counter = Counter()
        self.sources: Counter = Counter()
        self.categories: Counter = Counter()
        self.days: list = []  # first and last
        self.prompts: set[int] = set()
        self.lengths = {"chosen": Counter(), "rejected": Counter()}
        self._characters: Counter = Counter()
        self._longer: dict[str, list] = {}
        self._left: dict[str, list] = {}
        self._units: Counter = Counter()
        self._scales: set = set()
        self._seen: set[int] | None = None
        self._merge = False

    def watch_duplicates(self, *, merge: bool) -> None:
        """Count equal rows here, for previews; a writer that sorts them counts and merges them itself."""
        self._seen, self._merge = set(), merge

    def add(self, prompt, answers: Sequence, voices: Sequence[Said], told: Sequence) -> None:
        self.items += 1
        self.prompts.add(prompt.id)
        for voice, more in zip(voices, told, strict=True):
            self._hear(prompt, answers, voice, more)
        unit = tuple(sorted(voice.strength for voice in voices if voice.strength is not None))
        if len(unit) > 1:
            self._units[unit] += 1

    def _hear(self, prompt, answers: Sequence, voice: Said, told) -> None:
        self.outcomes["tie" if voice.outcome == "answer" and voice.strength == 0 else voice.outcome] += 1
        self.raters[told.rater] += 1
        self.kinds[told.rater_kind] += 1
        self.guides[told.guide] += 1
        self.days = [min([*self.days[:1], told.judged_at]), max([*self.days[1:], told.judged_at])]
        if voice.strength is None or len(answers) != 2:
            return
        self._scales.add(voice.scale)
        self.strengths[abs(voice.strength)] += 1
        if voice.strength:
            won = 0 if voice.strength > 0 else 1
            longer = answers[won].length - answers[1 - won].length
            _into(self._longer, prompt.split_key, 0.5 if longer == 0 else float(longer > 0))
            if told.left is not None:
                _into(self._left, prompt.split_key, float(told.left == won))

    def row(self, split: str, prompt, answers: Sequence, plan: Plan | None) -> None:
        repeated = self._repeats(prompt, answers, plan)
        self.duplicates += repeated
        self.rows[split] += not (repeated and self._merge)
        self.prompts.add(prompt.id)
        self.categories[prompt.category] += 1
        if plan is None:
            return
        first = Own(plan.texts[0]) if plan.first < 0 else answers[plan.first]
        self._length("chosen" if plan.label else "rejected", first)
        if plan.label and plan.first >= 0:
            self.sources[first.source] += 1
        if plan.second is not None:
            self._length("rejected", Own(plan.texts[-1]) if plan.second < 0 else answers[plan.second])

    def _repeats(self, prompt, answers: Sequence, plan: Plan | None) -> bool:
        """Whether an equal row went by before, where that is watched."""
        if self._seen is None:
            return False
        said = () if plan is None else (
            None if plan.first < 0 else answers[plan.first].digest,
            None if plan.second is None or plan.second < 0 else answers[plan.second].digest,
            *plan[3:],
        )  # fmt: skip
        name = hash((prompt.digest, said))
        repeated = name in self._seen
        self._seen.add(name)
        return repeated

    def settle(self, splits: dict[str, int], duplicates: int) -> None:
        """Take the rows as a writer wrote them, in the place of `watch_duplicates`."""
        self.rows, self.duplicates = Counter(splits), duplicates

    def _length(self, which: str, answer) -> None:
        self.lengths[which][sum(answer.length >= edge for edge in LENGTH_BINS) - 1] += 1
        self._characters[which] += answer.length

    def card(self) -> dict:
        """Everything as JSON; figures below their least n have a value of None and say how many there are."""
        judgments = self.kinds.total()
        card = {
            "format": self.format,
            "rows": self.rows.total(),
            "splits": {split: self.rows[split] for split in SPLITS},
            "judgments": judgments,
            "items": self.items,
            "prompts": len(self.prompts),
            "duplicates": self.duplicates,
            "left_out": dict(self.left_out),
            "outcomes": dict(self.outcomes),
            "strengths": {str(step): self.strengths[step] for step in sorted(self.strengths)},
            "raters": {
                "count": len(self.raters),
                "largest": max(self.raters.values(), default=0),
                "kinds": dict(self.kinds),
            },
            "guides": {str(number or ""): count for number, count in self.guides.items()},
            "days": [day.date().isoformat() for day in self.days],
            "sources": {str(source): count for source, count in self.sources.most_common(12)},
            "categories": dict(self.categories.most_common(20)),
            "lengths": self._length_card(),
            "longer_wins": share((hits, count) for hits, count in self._longer.values()).as_dict(),
            "left_wins": share((hits, count) for hits, count in self._left.values()).as_dict(),
            "agreement": self._agreement(),
        }
        card["warnings"] = warnings(card)
        return card

    def _length_card(self) -> dict:
        means = {which: round(self._characters[which] / bins.total()) if bins else None
                 for which, bins in self.lengths.items()}  # fmt: skip
        return {
            "bins": list(LENGTH_BINS),
            **{which: [bins[n] for n in range(len(LENGTH_BINS))] for which, bins in self.lengths.items()},
            "mean": means,
        }

    def _agreement(self) -> dict:
        """Alpha of what several people said of one item: ordinal on one graded scale, else on the side taken."""
        units = self._units.total()
        graded = len(self._scales) == 1 and max(self._scales) > 3
        told = {"level": "ordinal" if graded else "nominal", "items": units, "value": None, "low": None, "high": None}
        if units < LEAST_OVERLAPS:
            return told
        said = chain.from_iterable(repeat(unit, count) for unit, count in self._units.items())
        if not graded:
            said = ([(strength > 0) - (strength < 0) for strength in unit] for unit in said)
        found = krippendorff_alpha(said, level=told["level"], resamples=400)
        return {**told, "value": found.value, "low": found.low, "high": found.high}


def _into(clusters: dict[str, list], key: str, hit: float) -> None:
    cluster = clusters.setdefault(key, [0.0, 0])
    cluster[0] += hit
    cluster[1] += 1


def warnings(card: dict) -> list[dict]:
    """What somebody should know before training on it: title and text, worst first."""
    found = []

    def warn(title: str, text: str) -> None:
        found.append({"title": title, "text": text})

    longer = card["longer_wins"]
    if longer["value"] is not None and not _WARN_LENGTH[0] <= longer["value"] <= _WARN_LENGTH[1]:
        which = "longer" if longer["value"] > 0.5 else "shorter"
        rate = max(longer["value"], 1 - longer["value"])
        warn(
            f"The {which} answer wins {percent(rate)} of the time",
            f"A reward model that only measures length would already be right in {percent(rate)} of "
            f"{longer['n']:,} decided votes. Read every accuracy against that, and look whether answers grow "
            f"{'longer' if which == 'longer' else 'shorter'} while you train.",
        )
    agreement = card["agreement"]["value"]
    if agreement is not None and agreement < 0.2:
        warn(
            "People hardly agree",
            f"Alpha is {agreement:.2f}: little more than chance. Read the guide with those who disagree, then train.",
        )
    if card["judgments"] >= 50 and card["raters"]["count"] > 1:
        largest = card["raters"]["largest"] / card["judgments"]
        if largest > 0.5:
            warn("One rater gave most of it", f"{percent(largest)} of the judgments come from one rater.")
    if card["rows"] and card["duplicates"] > 0.05 * card["rows"]:
        warn(
            "Rows repeat",
            f"{card['duplicates']:,} of {card['rows']:,} rows are equal to another one. Where several people judged "
            "one pair that is right if each voice should count; otherwise let the majority decide, or merge them.",
        )
    if card["rows"] >= 50 and not all(card["splits"][split] for split in ("validation", "test")):
        warn(
            "A split is empty",
            "Splits go by prompt, and there are too few prompts for one of each. Accuracy on data not trained on "
            "cannot be told.",
        )
    return found


def percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def interval(told: dict, form: str = "{:.2f}") -> str:
    """`0.71 [0.66, 0.75]`, or what is missing."""
    if told["value"] is None:
        return "not yet"
    value = form.format(told["value"])
    return value if told["low"] is None else f"{value} [{form.format(told['low'])}, {form.format(told['high'])}]"


def markdown(name: str, sha256: str, card: dict, policy: dict, filters: dict) -> str:
    """card.md: the card for people who have only the folder."""
    longer, agreement = card["longer_wins"], card["agreement"]
    lines = [
        f"# {name}",
        "",
        (
            f"{card['rows']:,} rows ({card['format']}) from {card['judgments']:,} judgments of {card['items']:,} items "
            f"and {card['prompts']:,} prompts, {card['raters']['count']:,} raters."
        ),
        "",
        f"sha256 `{sha256}`",
        "",
        "| split | rows |",
        "| --- | --- |",
        *(f"| {split} | {count:,} |" for split, count in card["splits"].items()),
        "",
        (
            f"- Agreement (Krippendorff's alpha, {agreement['level']}): {interval(agreement)}, "
            f"{agreement['items']:,} items judged more than once"
        ),
        f"- The longer answer wins: {interval(longer, '{:.3f}')} of {longer['n']:,} decided votes",
        f"- The answer on the left wins: {interval(card['left_wins'], '{:.3f}')} of {card['left_wins']['n']:,}",
        f"- Equal rows: {card['duplicates']:,}",
        *(f"- Left out, {LEFT_OUT.get(reason, reason)}: {count:,}" for reason, count in card["left_out"].items()),
        "",
        *(f"**{warning['title']}.** {warning['text']}\n" for warning in card["warnings"]),
        "## Policy",
        "",
        *(f"- {key}: {value}" for key, value in policy.items() if key != "trust"),
        *([f"- trust: of {len(trust):,} raters, in manifest.json"] if (trust := policy.get("trust")) else []),
        "",
        "## Filters",
        "",
        *(f"- {key}: {value}" for key, value in filters.items() if value not in ([], "", False, 0)),
    ]
    return "\n".join(lines) + "\n"
