"""From items to rows: the one road that a preview and a freeze both take. Pure."""

from collections.abc import Iterator, Sequence

from annotation import snapshot_format as form
from annotation.interfaces import interface
from annotation.policy import LEAST_WEIGHT, Plan, Policy, decided, put_aside
from annotation.snapshot_card import Tally
from annotation.steps_cut import bare, sliced


class Rows:
    """Applies a policy to items as they go by, and tallies what becomes of them."""

    def __init__(self, format: str, policy: Policy, salt: str, tally: Tally):
        self.format, self.policy, self.salt, self.tally = format, policy, salt, tally

    def of_item(self, item) -> Iterator[tuple[str, Plan]]:
        """(split, plan) of each row that an item yields."""
        self.tally.add(item.prompt, item.answers, item.voices, item.told)
        way = interface(item.interface)
        if len(item.answers) < way.COMPLETIONS[0]:
            self.tally.left_out["incomplete"] += len(item.voices)
            return
        left_out = put_aside(item.voices)
        plans = way.plans(self.format, self.policy, decided(item.voices), left_out)
        self.tally.left_out.update(+left_out)
        plans = self._weighed(plans, item)
        split = form.split_of(self.salt, item.prompt.split_key)
        for plan in plans:
            if plan.second is not None and _same_text(item.answers, plan):
                self.tally.left_out["same_text"] += len(plan.judgments)
                continue
            self.tally.row(split, item.prompt, item.answers, plan)
            yield split, plan

    def _weighed(self, plans: list[Plan], item) -> list[Plan]:
        """Rows that weigh what the raters of the judgments they stand on do; those that weigh nothing are left out."""
        if self.policy.weights == "none":
            return plans
        rater = {voice.id: told.rater for voice, told in zip(item.voices, item.told, strict=True)}
        kept, dropped = [], set()
        for plan in plans:
            weight = self.policy.weight_of(rater[judgment] for judgment, _ in plan.judgments)
            if weight < LEAST_WEIGHT:
                dropped.update(plan.judgments)
            else:
                kept.append(plan._replace(weight=round(plan.weight * weight, 4)))
        if dropped:
            self.tally.left_out["unreliable"] += len(dropped)
        return kept

    def of_prompt(self, prompt) -> str:
        split = form.split_of(self.salt, prompt.split_key)
        self.tally.row(split, prompt, (), None)
        return split

    def written(self, prompt, answers: Sequence, plan: Plan) -> dict:
        """The row's columns, with texts."""
        row = _WRITERS[self.format](self.policy, _asked(prompt, plan), answers, plan)
        return row if self.policy.weights == "none" else {**row, "weight": plan.weight}


def _asked(prompt, plan: Plan) -> list[dict]:
    return [form.turn(*message) for message in plan.messages] or prompt.messages


def _text(answers: Sequence, plan: Plan, place: int, own: int) -> str:
    """The completion at a place of the item, or the answer's own."""
    return plan.texts[own] if place < 0 else answers[place].text


def _same_text(answers: Sequence, plan: Plan) -> bool:
    if plan.first < 0 and plan.second < 0:
        return plan.texts[0] == plan.texts[-1]
    if plan.first < 0 or plan.second < 0:
        return False  # an edit that changed nothing is refused when it is sent
    return answers[plan.first].digest == answers[plan.second].digest


def _preference(policy: Policy, asked: list[dict], answers: Sequence, plan: Plan) -> dict:
    weight = plan.weight if policy.weighted else None
    chosen, rejected = _text(answers, plan, plan.first, 0), _text(answers, plan, plan.second, -1)
    return form.preference_row(asked, chosen, rejected, margin=plan.margin, weight=weight)


def _unpaired(_policy, asked, answers, plan: Plan) -> dict:
    return form.unpaired_row(asked, _text(answers, plan, plan.first, 0), label=plan.label)


def _completion(_policy, asked, answers, plan: Plan) -> dict:
    return form.completion_row(asked, _text(answers, plan, plan.first, 0))


def _ranked(_policy, asked, answers, plan: Plan) -> dict:
    return form.ranked_row(asked, [*plan.texts, *(answer.text for answer in answers)], plan.ranks)


def _stepwise(_policy, asked, answers, plan: Plan) -> dict:
    if plan.texts:
        return form.stepwise_row(asked, plan.texts, plan.labels)
    text = answers[plan.first].text
    steps = sliced(text, plan.ends) if plan.ends else text.split("\n")
    told = list(zip((bare(step, plan.mark) for step in steps), plan.labels, strict=False))  # an unlabelled tail is cut
    return form.stepwise_row(asked, [step for step, _ in told], [label for _, label in told])


def _rated(_policy, asked, answers, plan: Plan) -> dict:
    return form.rated_row(asked, _text(answers, plan, plan.first, 0), plan.rating)


_WRITERS = {
    "preference": _preference,
    "unpaired_preference": _unpaired,
    "prompt_completion": _completion,
    "ranked": _ranked,
    "stepwise_supervision": _stepwise,
    "rated": _rated,
}
