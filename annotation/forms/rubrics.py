"""The editor of a rubric: its fields read into a document, the document with its problems laid out as fields again.

Fields are named by place, `c0-i2-text` for the third item of the first category; `do` says which button was pressed.
Everything but `publish` and `split` gives the form back with one thing changed, so it works without a script.
"""

import re
from collections.abc import Iterable

from django import forms

from annotation import rubric_document as document
from annotation import verifiers
from annotation.forms.house import HouseForm
from annotation.rubric_document import NON_VERIFIABLE, VERIFIABLE

CATEGORY_FIELDS = ("name", "generation_prompt", "improvement_prompt")
ITEM_FIELDS = ("key", "text", "weight", "kind", "verifier", "critique_prompt", "parent")
NEW_ITEM = {"text": "", "weight": "", "kind": NON_VERIFIABLE}


def read_editor(post) -> dict:
    """The document that the editor's fields say, unchecked."""
    rows = {}
    for name in post:
        if found := re.match(r"c(\d{1,3})-(?:i(\d{1,3})-)?", name):
            rows.setdefault(int(found[1]), set()).add(int(found[2]) if found[2] else -1)
    return {"categories": [_category(post, at, sorted(rows[at] - {-1})) for at in sorted(rows)]}


def _category(post, at: int, places: list[int]) -> dict:
    told = {name: post.get(f"c{at}-{name}", "") for name in CATEGORY_FIELDS}
    return {**told, "items": [read_item(post, f"c{at}-i{place}-") for place in places]}


def read_item(post, prefix: str) -> dict:
    """One item's fields. Options are those of the verifier that is chosen."""
    told = {name: post.get(prefix + name, "") for name in ITEM_FIELDS}
    told = {**told, "retired": bool(post.get(f"{prefix}retired"))}
    options = {}
    for entry in verifiers.known().values():
        if entry["name"] == told["verifier"] and told["kind"] == VERIFIABLE:
            for option in entry["options"]:
                name = f"{prefix}option-{entry['name']}-{option['name']}"
                # An unticked box sends nothing: here that is a no.
                options[option["name"]] = post.get(name, "" if option["type"] == "bool" else option["default"])
    return {**told, "options": options} if told["kind"] == VERIFIABLE else {**told, "verifier": ""}


def changed(given: dict, do: str) -> dict:
    """The document with what a button asks for: `normalise`, `add-category`, `add-item:0`, `remove:0:2`, `up:0:2`."""
    verb, *places = do.split(":")
    places = [int(place) for place in places if place.isdecimal() and len(place) < 4]
    rows = given["categories"]
    if verb == "normalise":
        return document.with_normalised_weights(given)
    if verb == "add-category":
        return {**given, "categories": [*rows, {"name": "", "items": [dict(NEW_ITEM)], "fresh": True}]}
    if not places or places[0] >= len(rows):
        return given
    if verb == "remove-category" and len(rows) > 1:
        return {**given, "categories": rows[: places[0]] + rows[places[0] + 1 :]}
    items = list(rows[places[0]]["items"])
    if verb == "add-item":
        items.append({**NEW_ITEM, "fresh": True})
    elif len(places) == 2 and places[1] < len(items):
        item = items.pop(places[1])
        if verb == "up":
            items.insert(max(places[1] - 1, 0), item)
    row = {**rows[places[0]], "items": items}
    return {**given, "categories": [*rows[: places[0]], row, *rows[places[0] + 1 :]]}


def laid_out(given: dict, problems: Iterable[dict] = ()) -> list[dict]:
    """The document as rows for the template, each with its names, values and errors."""
    wrong = {problem["path"]: problem["message"] for problem in problems}
    rows = []
    for at, row in enumerate(given.get("categories", [])):
        path = f"categories.{at}"
        items = [
            item_row(item, f"c{at}-i{place}-", f"{path}.items.{place}", wrong)
            for place, item in enumerate(row.get("items", []))
        ]
        active = [item for item in row.get("items", []) if not item.get("retired")]
        rows.append(
            {
                **{name: row.get(name, "") for name in CATEGORY_FIELDS},
                "at": at,
                "prefix": f"c{at}-",
                "fresh": row.get("fresh", False),
                "items": items,
                "sum": sum(document.number(item.get("weight")) for item in active),
                "errors": {name: wrong.get(f"{path}.{name}") for name in (*CATEGORY_FIELDS, "items")},
            }
        )
    return rows


def item_row(item: dict, prefix: str, path: str = "", wrong: dict | None = None) -> dict:
    wrong = wrong or {}
    kinds = [(kind, title, kind == item.get("kind", NON_VERIFIABLE)) for kind, title in document.KINDS.items()]
    told = {name: "" if item.get(name) is None else item.get(name, "") for name in ITEM_FIELDS}
    chosen = item.get("options") or {}
    options = [(f"option-{item.get('verifier')}-{name}", value or "") for name, value in chosen.items()]
    hidden = [*told.items(), ("retired", "true"), *options] if item.get("retired") else ()
    return {
        **told,
        "prefix": prefix,
        "hidden": hidden,  # a retired item is carried along, options and all
        "retired": item.get("retired", False),
        "fresh": item.get("fresh", False),
        "share": item.get("share", 1),
        "kinds": kinds,
        "verifiers": [_verifier_row(entry, item, prefix, path, wrong) for entry in verifiers.known().values()],
        "errors": {name: wrong.get(f"{path}.{name}") for name in (*ITEM_FIELDS, "options")},
    }


def _verifier_row(entry: dict, item: dict, prefix: str, path: str, wrong: dict) -> dict:
    chosen = item.get("verifier") == entry["name"]
    given = item.get("options") or {} if chosen else {}
    options = [
        {
            **option,
            "field": f"{prefix}option-{entry['name']}-{option['name']}",
            "value": given.get(option["name"], option["default"]),
            "error": wrong.get(f"{path}.options.{option['name']}") if chosen else None,
        }
        for option in entry["options"]
    ]
    return {**entry, "chosen": chosen, "options": options}


class RubricForm(HouseForm):
    """Name and description: what a rubric has beside its versions."""

    name = forms.CharField(max_length=120, help_text="Such as “Helpful and true”.")
    description = forms.CharField(
        required=False, max_length=2_000, widget=forms.Textarea({"rows": 2}), label="What it is for"
    )


class TrialForm(HouseForm):
    """Which completions a version is tried on."""

    prompt_set = forms.ChoiceField(required=False, label="Prompts from")
    prompts = forms.IntegerField(min_value=1, max_value=50, initial=8, label="Prompts", help_text="Drawn by chance.")
    answers = forms.IntegerField(
        min_value=1, max_value=4, initial=2, label="Answers of each",
        help_text="Two or more show whether the rubric tells them apart.",
    )  # fmt: skip

    def __init__(self, *args, sets: dict[str, int], **kwargs):
        super().__init__(*args, **kwargs)
        everything = [("", "all prompts with answers")]
        self.fields["prompt_set"].choices = everything + [(name, f"{name} ({n:,})") for name, n in sets.items()]
