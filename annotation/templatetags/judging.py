"""Words and small figures of judges' pages."""

from django import template

from annotation.judging.templates import question
from annotation.shares import LEAST
from annotation.wordmarks import changes

register = template.Library()
WIDTH, HEIGHT = 400, 96


@register.filter
def rule_title(rules: dict, name: str) -> str:
    """What a rule is called inside a sentence."""
    return rules[name].title.lower() if name in rules else name


@register.filter
def percent_of(value) -> str:
    return "" if value is None else f"{100 * value:.0f} %"


@register.filter
def share_of(weight: float, whole: float) -> str:
    return percent_of(weight / whole) if whole else ""


@register.filter
def share_or_wait(told: dict | None) -> str:
    """`69 % [67, 71]`; how many are missing where there are too few; nothing where nothing was measured."""
    if not told:
        return ""
    if told["value"] is None:
        return to_thirty(told["n"])
    value = f"{100 * told['value']:.0f} %"
    return value if told["low"] is None else f"{value} [{100 * told['low']:.0f}, {100 * told['high']:.0f}]"


@register.filter
def to_thirty(n: int) -> str:
    """How many are missing until a figure is shown."""
    return f"{LEAST - n} more to go" if n < LEAST else "not defined"


@register.filter
def changed_into(before: str, after: str) -> list:
    """The stretches of an edit: what stayed, what went, what came."""
    return changes(before, after)


@register.filter
def half(number: int) -> int:
    return number // 2


@register.filter
def asked_about(row) -> str:
    """The question that a row is about."""
    prompt = row.prompt or (row.item and row.item.prompt)
    return question(prompt.messages) if prompt else f"Row {row.number}"


@register.filter
def outcome(row, job) -> str:
    """How a row ended, in words."""
    if job.kind == "compare":
        if job.judge.mode in ("score", "rating"):
            return f"{row.value:.1f} of 10"
        return f"first better: {row.value:.2f}"
    if job.kind == "deliberation":
        return f"{row.value:.1f} of 10, {'kept' if row.result.get('kept') else 'below the threshold'}"
    if job.kind == "debate":
        return f"first right: {row.result['without']:.2f} before, {row.value:.2f} after"
    if job.kind == "rubric":
        return f"score {row.value:.2f}, confidence {row.result['confidence']:.2f}"
    if job.kind == "critique":
        return f"{len(row.result['answer']):,} to {len(row.result['revised']):,} characters"
    if "principles" in row.result:
        return f"{len(row.result['principles'])} proposed"
    return f"{sum(vote is not None for vote in row.result['votes'])} of {len(row.result['votes'])} take a side"


@register.filter
def lacks(form) -> list[str]:
    """What must be there before this form can be filled in."""
    needed = {
        "writer": "A model that writes: register a checkpoint, or add an endpoint.",
        "constitution": "A constitution: write one first.",
        "judge": "A judge: one that rates single answers for deliberation, one that compares for debate.",
        "prompt_set": "A prompt set: import prompts into one first.",
    }
    return [
        words
        for name, words in needed.items()
        if name in form.fields and form.fields[name].required and not list(form.fields[name].choices)
    ]


@register.inclusion_tag("components/tenths.html")
def tenths(counts: list[int]) -> dict:
    """How many in each tenth of [0, 1], as bars."""
    top = max([*counts, 1])
    step = WIDTH / len(counts)
    bars = [
        {
            "x": round(place * step + 2, 1),
            "y": round(HEIGHT - HEIGHT * count / top, 1),
            "width": round(step - 4, 1),
            "height": round(HEIGHT * count / top, 1),
            "count": count,
            "low": f"{place / 10:.1f}",
            "high": f"{(place + 1) / 10:.1f}",
        }
        for place, count in enumerate(counts)
    ]
    said = ", ".join(f"{bar['low']} to {bar['high']}: {bar['count']}" for bar in bars if bar["count"])
    return {"bars": bars, "said": said, "whole": sum(counts)}
