"""What would be in a snapshot, without freezing it: the card, from lengths and digests alone."""

from annotation.models import Project, Source
from annotation.policy import Policy
from annotation.selectors.snapshot_source import picked_items, picked_prompts
from annotation.snapshot_card import Tally
from annotation.snapshot_filters import Filters
from annotation.snapshot_rows import Rows


def preview(project: Project, *, format: str, filters: Filters, policy: Policy) -> dict:
    """The card that freezing would give now."""
    tally = Tally(format)
    tally.watch_duplicates(merge=policy.merges(format))
    rows = Rows(format, policy, project.split_salt, tally)
    if format == "prompt_only":
        for prompts in picked_prompts(project, filters, texts=False):
            for prompt in prompts:
                rows.of_prompt(prompt)
    else:
        for items in picked_items(project, filters, texts=False):
            for item in items:
                for _ in rows.of_item(item):
                    pass
    return named(tally.card())


def named(card: dict) -> dict:
    """Sources by name: a card is read by those who may see them."""
    names = dict(Source.objects.filter(pk__in=list(card["sources"])).values_list("pk", "name"))
    return {**card, "sources": {names.get(int(pk), pk): count for pk, count in card["sources"].items()}}
