"""The steps of a solution, each good, neutral or bad; or only the first wrong one. Pure.

Where the text is cut is the task's to say (steps_cut.py). An answer keeps the places of its cuts, so that it means the
same after the task's settings changed. What follows the first bad step may stay unlabelled: it depends on it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.interfaces.answers import FLAG_REASONS as FLAG_REASONS
from annotation.interfaces.answers import SKIP_REASONS as SKIP_REASONS
from annotation.interfaces.answers import Facts, Problems, outcome_words, whole
from annotation.interfaces.task_settings import read_settings, setting
from annotation.policy import Plan, Policy, Said
from annotation.steps_cut import RULES, bare, ends, sliced

NAME = "steps"
TITLE = "Steps"
NOUN = ("solution", "solutions")
MEANING = "Each step of a solution is good, neutral or bad; or the first wrong step is marked."
TEMPLATE = "annotation/label/steps.html"
DOCK = "annotation/label/docks/steps.html"
STYLES = "css/pages/steps.css"
COMPLETIONS = (1, 1)
ONE_KEY = False
BOTH_BAD = False
LABELS = {1: "good", 0: "neutral", -1: "bad"}


@dataclass(frozen=True)
class Settings:
    mode: str = setting(
        "every",
        "What is labelled",
        "In first-error mode the steps before it become good, those after it stay unlabelled.",
        choices={"every": "Every step", "first": "The first wrong step"},
    )
    cut: str = setting("numbered", "Where steps begin", "A text without numbers is cut at its lines.", choices=RULES)
    mark: str = setting("", "The mark", "What stands in the data after each step. It is not shown and not trained on.")


def settings(given: dict) -> Settings:
    """Raises InvalidSettings."""
    return read_settings(Settings, given)


def dock(settings: Settings) -> dict:
    """What the dock's template draws."""
    return {"mode": settings.mode, "one_key": settings.mode == "first"}


def keys(settings: Settings) -> list[tuple[str, str]]:
    """The keys of the answer, each with what it does."""
    moves = [("↓ ↑", "The next step, the one before")]
    if settings.mode == "first":
        return [("1–9", "This step is the first wrong one"), ("0", "No error"), *moves]
    marks = [("1", "The step is good"), ("2", "Neutral: neither right nor wrong"), ("3", "Bad")]
    return [*marks, ("0", "No error: the steps left are good"), *moves, ("Backspace", "Take the last label back")]


def bench(facts: Facts, settings: Settings) -> dict:
    """The steps as they are read."""
    text = facts.texts[0]
    steps = [bare(step, settings.mark) for step in sliced(text, ends(text, settings.cut, settings.mark))]
    return {"mode": settings.mode, "steps": steps, "numbered": all(step[:1].isdigit() for step in steps)}


def form(post) -> dict:
    """The answer in the plain form of a page without JavaScript."""
    count = min(whole(post.get("steps")) or 0, 1000)
    return {
        "labels": [whole(post.get(f"step-{place}")) for place in range(count)],
        **({"first_error": post["first_error"]} if "first_error" in post else {}),
    }


def given(payload: dict, settings: Settings, facts: Facts, problems: Problems) -> dict:
    """Labels, the first error, and where the text was cut."""
    text = facts.texts[0]
    at = ends(text, settings.cut, settings.mark)
    if not at:
        problems.add("labels", "The reply is empty, so it has no steps. Flag it, or skip it.")
    read = _first_wrong if settings.mode == "first" else _every
    labels = read(payload, len(at), problems)
    wrong = next((place for place, label in enumerate(labels) if label == -1), None)
    mark = {"mark": settings.mark} if settings.cut == "mark" else {}
    return {"labels": labels, "first_error": wrong, "ends": at, **mark}


def _first_wrong(payload: dict, count: int, problems: Problems) -> list[int | None]:
    said = payload.get("first_error", "")
    if said is None or said == "none":
        return [1] * count
    place = whole(said)
    if place is None or not 0 <= place < count:
        problems.add("first_error", f"Mark one of the {count} steps, or say that there is no error.")
        return []
    return [1] * place + [-1] + [None] * (count - place - 1)


def _every(payload: dict, count: int, problems: Problems) -> list[int | None]:
    said = payload.get("labels")
    if not isinstance(said, list) or len(said) != count:
        problems.add("labels", f"Give {count} labels, one a step: 1, 0, -1, or null.")
        return []
    if any(label is not None and (type(label) is not int or label not in LABELS) for label in said):
        problems.add("labels", "A label is 1 (good), 0 (neutral), -1 (bad), or null.")
        return []
    upto = said.index(-1) if -1 in said else count
    if None in said[:upto]:
        problems.add("labels", f"Step {said.index(None) + 1} has no label yet.")
    return said


def true_value(given: dict, order: Sequence[int]) -> dict:  # noqa: ARG001
    """One completion has one order."""
    return dict(given)


def shown_value(value: dict, order: Sequence[int]) -> dict:  # noqa: ARG001
    """The inverse of `true_value`."""
    return dict(value)


def sentence(outcome: str, given: dict) -> str:
    """How an answer reads to the one who gave it."""
    labels = given.get("labels")
    if outcome != "answer" or not labels:
        return outcome_words(outcome)
    if set(labels) == {1}:
        return "No error"
    if given.get("first_error") is not None and not labels.count(0):
        return f"Step {given['first_error'] + 1} is wrong"
    return ", ".join(f"{labels.count(label)} {word}" for label, word in LABELS.items() if label in labels)


def side(given: dict) -> str:  # noqa: ARG001
    """There are no sides."""
    return ""


def plans(format: str, policy: Policy, said: Sequence[Said], left_out: Counter) -> list[Plan]:
    """The rows that an item's answers become."""
    make, made = _FORMATS.get(format), []
    for plan, labels in _spoken(policy, said):
        row = make(policy, plan, labels) if make else "other_format"
        if isinstance(row, str):
            left_out[row] += len(plan.judgments)
        else:
            made.append(row)
    return made


def _spoken(policy: Policy, said: Sequence[Said]) -> list[tuple[Plan, list]]:
    """What counts as said: each answer, or one of those whose cuts are the same, step by step."""
    voices = [voice for voice in said if voice.outcome == "answer" and (voice.value or {}).get("labels")]
    groups: dict[tuple, list[Said]] = {}
    for voice in voices:
        cuts = (*voice.value.get("ends", ()), voice.value.get("mark", ""), len(voice.value["labels"]))
        alone = voice.id if policy.several == "each" else None
        groups.setdefault((cuts, alone), []).append(voice)
    return [
        (_plan(group), [_label(policy, [voice.value["labels"][at] for voice in group]) for at in range(cuts[-1])])
        for (cuts, _), group in groups.items()
    ]


def _plan(group: list[Said]) -> Plan:
    value = group[0].value
    told = tuple((voice.id, voice.revision) for voice in group)
    return Plan(told, 0, ends=tuple(value.get("ends", ())), mark=value.get("mark", ""))


def _label(policy: Policy, labels: list) -> int | None:
    """One label of several: what most say, or which way their mean leans; neutral where neither decides."""
    told = [label for label in labels if label is not None]
    if len(told) < 2:
        return told[0] if told else None
    if policy.several == "mean":
        return (sum(told) > 0) - (sum(told) < 0)
    (label, most), *rest = Counter(told).most_common()
    return 0 if rest and rest[0][1] == most else label


def _decided(policy: Policy, labels: list) -> list[bool] | str:
    """Right or wrong for each step up to where labels end; or why there is no such list."""
    last = max((place for place, label in enumerate(labels) if label is not None), default=-1)
    labels = labels[: last + 1]
    if not labels or None in labels:
        return "unlabelled"
    if 0 in labels and policy.neutral == "drop":
        return "neutral"
    return [label > 0 or (label == 0 and policy.neutral == "good") for label in labels]


def _stepwise(policy: Policy, plan: Plan, labels: list) -> Plan | str:
    right = _decided(policy, labels)
    return right if isinstance(right, str) else plan._replace(labels=tuple(right))


def _outcome(policy: Policy, plan: Plan, labels: list) -> Plan | str:
    """A solution with a bad step is bad; without one it is good once every step is labelled."""
    right = _decided(policy, labels)
    if isinstance(right, str):
        return right
    return plan._replace(label=all(right)) if not all(right) or len(right) == len(labels) else "unlabelled"


def _demonstration(policy: Policy, plan: Plan, labels: list) -> Plan | str:
    row = _outcome(policy, plan, labels)
    return "not_liked" if isinstance(row, Plan) and not row.label else row


_FORMATS = {
    "stepwise_supervision": _stepwise,
    "unpaired_preference": _outcome,
    "prompt_completion": _demonstration,
}
