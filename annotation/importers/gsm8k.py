"""GSM8K: problems with worked answers (demonstrations), or with models' graded solutions (thumbs). Pure.

The number after `####` (or `A:`) is the prompt's reference, without the commas in numbers. Calculator marks such as
`<<3*4=12>>` are taken out of the texts, because no reader should see them and no model should learn them.
"""

import re
from collections.abc import Iterator

from annotation.importers import fields
from annotation.importers.records import Answer, LeftOut, Record, RowProblem, Verdict

_MARKS = re.compile(r"<<[^<>]*>>")
_FINAL = re.compile(r"(?:####|(?:^|\n)A:)\s*(.+?)\s*$")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}\b)")


def read(row: dict) -> Iterator[Record | LeftOut]:
    messages = [{"role": "user", "content": fields.text(row, "question")}]
    key = "answer" if "answer" in row else "ground_truth"
    worked = fields.text(row, key)
    found = _FINAL.search(worked)
    if not found:
        raise RowProblem(f"$.{key}", "must end with the final answer after #### or A:.")
    reference = _GROUPED.sub("", found[1]).lstrip("$")
    solutions = {name: said for name, said in row.items() if isinstance(said, dict) and "solution" in said}
    if not solutions:
        yield Record(
            messages,
            (Answer(clean(worked), "worked answer"),),
            "demonstration",
            Verdict(value={"demonstration": True}),
            reference=reference,
        )
    for name, said in solutions.items():
        try:
            label, text = fields.boolean(said, "is_correct"), fields.text(said, "solution", empty=True)
        except RowProblem as problem:
            raise RowProblem(f"$.{name}{problem.path[1:]}", problem.message) from None
        verdict = Verdict(rater="final answer", value={"label": label})
        yield Record(messages, (Answer(clean(text), name),), "thumbs", verdict, reference=reference)


def clean(text: str) -> str:
    return _MARKS.sub("", text)
