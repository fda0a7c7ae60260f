"""How a row will look once it is imported, in words and short pieces of its texts: what a preview shows. Pure."""

from dataclasses import dataclass, field

from annotation.importers.records import Answer, LeftOut, Place, Problem, Record, Verdict

_LONGEST = 280  # characters of a text in a preview
_BECOMES = {
    "pairwise": "Pair",
    "ranking": "Ranking",
    "thumbs": "Thumb",
    "likert": "Rating",
    "rubric": "Rubric",
    "steps": "Steps",
    "demonstration": "Demonstration",
    "edit": "Edit",
    "chat": "Chat",
    "": "Prompt",
}
_STEPS = {2: 1, 3: 1, 5: 2, 7: 3, 8: 4}


@dataclass(frozen=True)
class Looked:
    """A row of a preview: a record in words, or why it is none (`wrong` names the place within the row)."""

    file: str
    row: int
    kind: str = ""
    prompt: str = ""
    turns: int = 0
    answers: list[dict] = field(default_factory=list)
    said: str = ""
    left_out: str = ""
    wrong: str = ""
    path: str = ""


def looked(place: Place, thing: Record | LeftOut | Problem) -> Looked:
    if isinstance(thing, Problem):
        return Looked(place.file, place.row, wrong=thing.message, path=thing.path)
    if isinstance(thing, LeftOut):
        return Looked(place.file, place.row, left_out=thing.reason)
    answers = [
        {"letter": letter(number), "text": short(answer.text), "source": answer.source}
        for number, answer in enumerate(thing.answers)
    ]
    return Looked(
        place.file,
        place.row,
        kind=_BECOMES.get(thing.interface, thing.interface),
        prompt=short(thing.messages[-1]["content"]),
        turns=len(thing.messages) - 1,
        answers=answers,
        said=sentence(thing),
    )


def short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()} …"


def letter(number: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % 26]


def sentence(record: Record) -> str:
    """What was said, by whom."""
    if record.verdict is None:
        return "Nobody has judged it." if record.answers else ""
    said = _said(record.interface, record.verdict, record.answers)
    who = record.verdict.rater
    judge = ", an AI judge" if record.verdict.kind == "judge" else ""
    return f"{said}, said by {who}{judge}." if who else f"{said}."


def _said(interface: str, verdict: Verdict, answers: tuple[Answer, ...]) -> str:
    if verdict.outcome != "answer":
        return {"both_bad": "Both are bad", "skip": "Skipped", "broken": "Flagged"}.get(verdict.outcome, "No answer")
    return _SAID.get(interface, _other)(verdict, answers)


def _pair(verdict: Verdict, _answers) -> str:
    if not verdict.strength:
        return "A and B are equally good"
    most = _STEPS.get(verdict.scale or 2, 1)
    steps = f", {abs(verdict.strength)} of {most} steps" if most > 1 else ""
    return f"{'A' if verdict.strength > 0 else 'B'} is better{steps}"


def _ranking(verdict: Verdict, _answers) -> str:
    ranks = verdict.value.get("ranks") or []
    groups = [[letter(place) for place, rank in enumerate(ranks) if rank == one] for one in sorted(set(ranks))]
    return " before ".join(" = ".join(group) for group in groups)


def _thumb(verdict: Verdict, _answers) -> str:
    return "Good" if verdict.value.get("label") else "Not good"


def _rating(verdict: Verdict, _answers) -> str:
    scale = verdict.value.get("scale")
    return ", ".join(f"{name} {rating} of {scale}" for name, rating in (verdict.value.get("ratings") or {}).items())


def _steps(verdict: Verdict, _answers) -> str:
    labels, first = verdict.value.get("labels") or [], verdict.value.get("first_error")
    return f"None of {len(labels)} steps is wrong" if first is None else f"Step {first + 1} of {len(labels)} is wrong"


def _edit(verdict: Verdict, _answers) -> str:
    return f"A better version: “{short(verdict.value.get('text', ''))}”"


def _demonstration(_verdict, _answers) -> str:
    return "An answer that shows how it is done"


def _other(_verdict, _answers) -> str:
    return "An answer"


_SAID = {
    "pairwise": _pair,
    "ranking": _ranking,
    "thumbs": _thumb,
    "likert": _rating,
    "steps": _steps,
    "edit": _edit,
    "demonstration": _demonstration,
}
