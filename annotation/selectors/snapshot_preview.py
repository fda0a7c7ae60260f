"""What would be in a snapshot, without freezing it: the card, from lengths and digests alone."""

from annotation.models import Project, Source
from annotation.policy import Policy
from annotation.selectors.label_weights import weighed
from annotation.selectors.snapshot_source import chosen_judgments, picked_items, picked_prompts
from annotation.snapshot_card import Tally
from annotation.snapshot_filters import Filters
from annotation.snapshot_rows import Rows

SAMPLE = 12_000  # judgments: about a second; more are counted on every so manieth item


def preview(project: Project, *, format: str, filters: Filters, policy: Policy) -> dict:
    """The card that freezing would give now.

    Above SAMPLE judgments counts are scaled up from a sample, and the card's `sample` says so; shares and agreement
    stay what the sample holds, with its n. Raises Refused for weights that there are none of.
    """
    policy = weighed(project, policy)
    tally = Tally(format)
    tally.watch_duplicates(merge=policy.merges(format))
    rows = Rows(format, policy, project.split_salt, tally)
    if format == "prompt_only":
        for prompts in picked_prompts(project, filters, texts=False):
            for prompt in prompts:
                rows.of_prompt(prompt)
        return named(tally.card())
    total = chosen_judgments(project, filters).count()
    every = -(-total // SAMPLE) if total else 1
    for items in picked_items(project, filters, texts=False, every=every):
        for item in items:
            for _ in rows.of_item(item):
                pass
    card = named(tally.card())
    return card if every == 1 else scaled(card, every, total)


def scaled(card: dict, every: int, total: int) -> dict:
    """A sample's counts as they would be of everything."""
    counts = {key: card[key] * every for key in ("rows", "items", "duplicates")}
    groups = ("splits", "left_out", "outcomes", "strengths", "sources", "categories")
    counts |= {key: {name: count * every for name, count in card[key].items()} for key in groups}
    kinds = {kind: count * every for kind, count in card["raters"]["kinds"].items()}
    sample = {"judgments": card["judgments"], "of": total}
    return {**card, **counts, "judgments": total, "raters": {**card["raters"], "kinds": kinds}, "sample": sample}


def named(card: dict) -> dict:
    """Sources by name: a card is read by those who may see them."""
    names = dict(Source.objects.filter(pk__in=list(card["sources"])).values_list("pk", "name"))
    return {**card, "sources": {names.get(int(pk), pk): count for pk, count in card["sources"].items()}}
