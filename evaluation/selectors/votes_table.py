"""The votes of a comparison as rows for export: pseudonymous raters, names of checkpoints, no answers."""

from collections.abc import Iterator

from annotation.models import ItemCompletion, Judgment
from evaluation.models import Comparison
from evaluation.selectors.ballots import standing
from evaluation.selectors.contenders import of_comparison

VOTE_COLUMNS = (
    *("judgment", "item", "prompt", "rater", "rater_kind", "first", "second", "shown_left", "outcome", "scale"),
    *("strength", "blind", "judged_at"),
)


def vote_rows(comparison: Comparison) -> Iterator[tuple]:
    """`strength` counts from the side of `first`; a rater is a number that means nothing elsewhere."""
    names = {contender.source: contender.name for contender in of_comparison(comparison)}
    sides: dict[int, dict[int, str]] = {}
    entries = ItemCompletion.objects.filter(item__project=comparison.project, item__queue=comparison.queue)
    for item, index, source in entries.values_list("item_id", "index", "completion__source_id"):
        sides.setdefault(item, {})[index] = names[source]
    own = Judgment.objects.filter(item__project=comparison.project, item__queue=comparison.queue)
    numbers: dict[int, int] = {}
    for vote in standing(own).select_related("item", "rater").order_by("pk").iterator():
        first, second = sides[vote.item_id][0], sides[vote.item_id][1]
        yield (
            vote.pk,
            vote.item_id,
            vote.item.prompt_id,
            numbers.setdefault(vote.rater_id, len(numbers) + 1),
            vote.rater.kind,
            first,
            second,
            (first, second)[vote.shown_order[0]],
            vote.outcome,
            vote.scale or "",
            "" if vote.strength is None else vote.strength,
            int(vote.blind),
            vote.judged_at.isoformat(),
        )
