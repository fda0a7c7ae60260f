"""From items to rows: the one road that a preview and a freeze both take. Pure."""

from collections.abc import Iterator, Sequence

from annotation import snapshot_format as form
from annotation.policy import Plan, Policy, plans_of
from annotation.snapshot_card import Tally


class Rows:
    """Applies a policy to items as they go by, and tallies what becomes of them."""

    def __init__(self, format: str, policy: Policy, salt: str, tally: Tally):
        self.format, self.policy, self.salt, self.tally = format, policy, salt, tally

    def of_item(self, item) -> Iterator[tuple[str, Plan]]:
        """(split, plan) of each row that an item yields."""
        self.tally.add(item.prompt, item.answers, item.voices, item.told)
        if len(item.answers) < (2 if item.interface == "pairwise" else 1):
            self.tally.left_out["incomplete"] += len(item.voices)
            return
        plans, left_out = plans_of(self.format, self.policy, item.interface, item.voices)
        self.tally.left_out.update(left_out)
        split = form.split_of(self.salt, item.prompt.split_key)
        for plan in plans:
            if plan.second is not None and item.answers[0].digest == item.answers[1].digest:
                self.tally.left_out["same_text"] += len(plan.judgments)
                continue
            self.tally.row(split, item.prompt, item.answers, plan)
            yield split, plan

    def of_prompt(self, prompt) -> str:
        split = form.split_of(self.salt, prompt.split_key)
        self.tally.row(split, prompt, (), None)
        return split

    def written(self, prompt, answers: Sequence, plan: Plan) -> dict:
        """The row's columns, with texts."""
        first = answers[plan.first].text
        if self.format == "preference":
            weight = plan.weight if self.policy.ties == "half" else None
            rejected = answers[plan.second].text
            return form.preference_row(prompt.messages, first, rejected, margin=plan.margin, weight=weight)
        if self.format == "unpaired_preference":
            return form.unpaired_row(prompt.messages, first, label=plan.label)
        return form.completion_row(prompt.messages, first)
