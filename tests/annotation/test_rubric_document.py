"""A rubric as a document: what is refused and where, weights, splitting, differences."""

import pytest

from annotation import rubric_document as form
from annotation.rubric_difference import difference, marked


def item(text="It is true.", weight=1.0, **fields):
    return {"text": text, "weight": weight, **fields}


def given(*items, **category):
    return {"categories": [{"name": "", "items": list(items) or [item()], **category}]}


def problems(document) -> dict:
    with pytest.raises(form.InvalidRubric) as caught:
        form.read(document)
    return {problem["path"]: problem["message"] for problem in caught.value.problems}


def test_a_document_and_its_categories_are_one_thing():
    told = given(
        item("Runs", 0.25, kind="verifiable", verifier="word_count", options={"at_most": 20}),
        item("Reads well", 0.75, critique_prompt="Be strict."),
        generation_prompt="Write.",
    )
    read = form.read(told)
    assert form.read(form.document(read)) == read
    first, second = read[0].items
    assert first.options == {"at_least": 1, "at_most": 20}, "what is not given stands at its default"
    assert (second.kind, second.verifier) == (form.NON_VERIFIABLE, "")
    assert first.key != second.key


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        ({}, "categories", "at least one category"),
        ({"categories": "x"}, "categories", "at least one category"),
        (given(item("", 1)), "categories.0.items.0.text", "Say what is scored"),
        (given(item("x" * 2001, 1)), "categories.0.items.0.text", "2,000"),
        (given(item("a\x00b", 1)), "categories.0.items.0.text", "cannot be stored"),
        (given(item(weight=2)), "categories.0.items.0.weight", "0 to 1"),
        (given(item(weight="much")), "categories.0.items.0.weight", "0 to 1"),
        (given(item(weight=float("nan"))), "categories.0.items.0.weight", "0 to 1"),
        (given(item(weight=True)), "categories.0.items.0.weight", "0 to 1"),
        (given(item(weight=0.5)), "categories.0.items", "sum to 0.5, and must sum to 1"),
        (given(item(kind="odd")), "categories.0.items.0.kind", "verifiable, non_verifiable"),
        (given(item(kind="verifiable")), "categories.0.items.0.verifier", "needs a verifier"),
        (given(item(kind="verifiable", verifier="magic")), "categories.0.items.0.verifier", "gsm8k"),
        (given(item(kind="verifiable", verifier="gsm8k", options=[1])), "categories.0.items.0.options", "object"),
        (
            given(item(kind="verifiable", verifier="gsm8k", options={"colour": 1})),
            "categories.0.items.0.options.colour",
            "no option",
        ),
        (
            given(item(kind="verifiable", verifier="word_count", options={"at_most": "many"})),
            "categories.0.items.0.options.at_most",
            "whole number",
        ),
        (given(item(key="no")), "categories.0.items.0.key", "UUID"),
        (given(item(wight=1)), "categories.0.items.0.wight", "no such field"),
        (given(item(retired=True, weight=0)), "categories.0.items", "not retired"),
        (given(item(parent="7d4b9c4e-8a53-4d8f-9a2f-0a5d7b4f2d11")), "categories.0.items.0.parent", "retired item"),
        ({"categories": [given()["categories"][0]] * 2}, "categories.1.name", "all others"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(document, path, words):
    assert words in problems(document)[path]


def test_every_problem_is_named_at_once():
    assert len(problems(given(item("", 3), item("", "x")))) >= 4


def test_one_key_cannot_stand_twice():
    one = item(weight=0.5, key="7d4b9c4e-8a53-4d8f-9a2f-0a5d7b4f2d11")
    assert "categories.0.items.1.key" in problems(given(one, dict(one)))


def test_weights_are_normalised_in_each_category_and_without_the_retired():
    told = {"categories": [
        {"name": "", "items": [item(weight=2), item(weight="1"), item(weight=9, retired=True)]},
        {"name": "code", "items": [item(weight="x"), item(weight="")]},
    ]}  # fmt: skip
    first, second = form.with_normalised_weights(told)["categories"]
    assert [row["weight"] for row in first["items"]] == [0.6667, 0.3333, 9]
    assert [row["weight"] for row in second["items"]] == [0.5, 0.5]


def test_parts_share_the_weight_and_know_their_whole():
    read = form.read(given(item("Handles edge cases", 0.4), item("True", 0.6)))
    whole = read[0].items[0]
    parts = [
        {"text": "Says so on empty input", "kind": "verifiable", "verifier": "contains", "options": {"phrase": "empty"},
         "share": 2},
        {"text": "Other edge cases", "share": 1},
        {"text": "Sizes", "share": 1},
    ]  # fmt: skip
    (category,) = form.read(form.split(read, whole.key, parts))
    assert [part.weight for part in category.items] == pytest.approx([0, 0.2, 0.1, 0.1, 0.6])
    assert category.items[0].retired
    assert category.items[0].key == whole.key
    assert {part.parent for part in category.items[1:4]} == {whole.key}
    with pytest.raises(KeyError):
        form.split((category,), whole.key, parts)


def test_the_category_of_a_prompt_is_its_own_or_the_one_for_all_others():
    code, rest = form.Category("code", "", "", ()), form.Category("", "", "", ())
    assert form.category_for([code, rest], "code") is code
    assert form.category_for([code, rest], "poems") is rest
    assert form.category_for([code], "poems") is None


def versions(change):
    old = form.read(given(item("The code runs without errors.", 0.5), item("It is short.", 0.3), item("Polite.", 0.2)))
    told = form.document(old)
    change(told["categories"][0])
    return old, form.read(told)


def test_a_difference_names_what_was_added_taken_out_reworded_and_weighed_anew():
    def change(category):
        runs, short, _ = category["items"]
        runs["text"] = "The code runs without any warnings."
        short["weight"] = 0.2
        category["items"] = [runs, short, item("Names are nouns.", 0.3)]

    told = difference(*versions(change))
    assert [(one.kind, one.fields) for one in told.items] == [
        ("changed", ("text",)), ("changed", ("weight",)), ("added", ()), ("removed", ()),
    ]  # fmt: skip
    assert told.unchanged == 0
    reworded = told.items[0].texts[0]
    assert [piece.text for piece in reworded.old if piece.own] == ["errors"]
    assert [piece.text for piece in reworded.new if piece.own] == ["any warnings"]
    assert "".join(piece.text for piece in reworded.new) == "The code runs without any warnings."


def test_a_split_and_a_prompt_show_as_such():
    old = form.read(given(item("Edge cases", 1)))
    told = form.split(old, old[0].items[0].key, [{"text": "Empty input"}, {"text": "The rest"}])
    told["categories"][0]["generation_prompt"] = "Think of edges."
    found = difference(old, form.read(told))
    assert [one.kind for one in found.items] == ["split", "added", "added"]
    assert [(one.field, one.category) for one in found.prompts] == [("generation_prompt", "")]
    assert not difference(old, old)
    assert difference(old, old).unchanged == 1


def test_going_back_to_before_a_split_reads_as_brought_back():
    old = form.read(given(item("Edge cases", 1)))
    new = form.read(form.split(old, old[0].items[0].key, [{"text": "Empty input"}, {"text": "The rest"}]))
    assert [one.kind for one in difference(new, old).items] == ["changed", "removed", "removed"]


def test_marks_cut_a_text_without_losing_a_character():
    old, new = marked("Be brief and kind.", "Be thorough and kind.")
    assert "".join(piece.text for piece in old) == "Be brief and kind."
    assert "".join(piece.text for piece in new if piece.own) == "thorough"
