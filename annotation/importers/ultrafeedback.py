"""UltraFeedback: answers rated on several aspects by a judge, or its binarised pairs with their scores. Pure."""

from collections.abc import Iterator

from annotation.importers import fields
from annotation.importers.format import Format, marks, rows
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict
from annotation.importers.trl_preference import answer

JUDGE = "gpt-4"
_SCORES = (("score_chosen", "score_rejected"), ("chosen-rating", "rejected-rating"))


def read(row: dict) -> Iterator[Record | LeftOut]:
    category = fields.short(row, "source")
    if "completions" in row:
        messages = fields.prompt(fields.given(row, "instruction"), "$.instruction")
        for place, given in enumerate(fields.listed(row, "completions")):
            yield _rated(messages, given, f"$.completions[{place}]", category)
        return
    yield _pair(row, category)


def _rated(messages: list[dict], given, path: str, category: str) -> Record | LeftOut:
    if not isinstance(given, dict):
        raise RowProblem(path, "must be an object with a response and annotations.")
    text = fields.check_text(given.get("response"), f"{path}.response", empty=True)
    told = given.get("annotations")
    ratings = {}
    for aspect, said in told.items() if isinstance(told, dict) else ():
        rating = str(said.get("Rating", "")) if isinstance(said, dict) else ""
        if rating in ("1", "2", "3", "4", "5"):
            ratings[aspect.replace("_", " ")] = int(rating)
    if not ratings:
        return LeftOut("an answer without a rating")
    value: dict = {"ratings": ratings, "scale": 5}
    for name in ("overall_score", "fine-grained_score"):
        if (score := fields.number(given, name)) is not None:
            value[name.replace("-", "_")] = score
    system = fields.check_text(given.get("custom_system_prompt") or "", f"{path}.custom_system_prompt", empty=True)
    made = Answer(text, fields.short(given, "model"), {"system": system} if system else {})
    comment = fields.comment(given.get("critique"), f"{path}.critique")
    return Record(messages, (made,), "likert", Verdict(JUDGE, "judge", value=value, comment=comment), category)


def _pair(row: dict, category: str) -> Record | LeftOut:
    messages = fields.prompt(fields.given(row, "prompt"))
    texts = []
    for name in ("chosen", "rejected"):
        given = fields.given(row, name)
        said = fields.turns(given, f"$.{name}") if isinstance(given, list) else None
        texts.append(answer(messages, said, f"$.{name}") if said else fields.text(row, name, empty=True))
    names = next((pair for pair in _SCORES if pair[0] in row), _SCORES[0])
    scores = [fields.number(row, name) for name in names]
    if texts[0] == texts[1]:
        return LeftOut("chosen and rejected are the same")
    answers = tuple(
        Answer(text, fields.short(row, f"{name}-model"))
        for text, name in zip(texts, ("chosen", "rejected"), strict=True)
    )
    value: dict = {}
    strength = 1
    if None not in scores:
        value = {"scores": scores, "margin": abs(scores[0] - scores[1])}
        strength = (scores[0] > scores[1]) - (scores[0] < scores[1])
    return Record(messages, answers, verdict=Verdict(JUDGE, "judge", 3, strength, value), category=category)


FORMAT = Format(
    "ultrafeedback",
    "UltraFeedback: rated answers, or pairs with scores",
    "Each aspect’s rating of each answer, or chosen and rejected with the difference of their scores as margin.",
    '{"prompt": "Why is the sky blue?", "chosen": "Air scatters blue light.", "rejected": "It is a mirror.", '
    '"score_chosen": 8.5, "score_rejected": 3.0}',
    "judgments",
    rows(read),
    "set",
    marks(
        "instruction completions", "prompt chosen rejected score_chosen score_rejected",
        "prompt chosen rejected chosen-rating rejected-rating",
    ),
)  # fmt: skip
