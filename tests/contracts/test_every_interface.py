"""Every interface times every snapshot format: what was said is what the trainers' own readers get.

Each completion's text tells its worth, from 0 to 4. Judgments are made from the worths, and every row that comes out is
held against the texts it carries, so that nothing about orders, sides or places has to be believed. A new interface
fails here until it has a case, and a new format until it is said what it holds.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotation.interfaces import INTERFACES
from annotation.models import Item, ItemCompletion, Snapshot
from annotation.policy import MARGINS, Policy
from annotation.services.snapshots import create_snapshot, freeze
from annotation.snapshot_format import COLUMNS, SPLITS
from tests import need
from tests.factories import make_completion, make_judgment, make_prompt, make_rater
from training.engine import records

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]
AWKWARD = ["line\u2028separator", 'tab\tand "quotes"', "naïve 中文 🍎", "<b>markup</b>", "a\r\nb", "x"]
N = 20


def text(worth: int, n: int = 0) -> str:
    return f"worth {worth} {AWKWARD[n % len(AWKWARD)]} #{n}"


def worth(said: str) -> int:
    return int(said.removeprefix("worth ")[0])


def competition(worths) -> list[int]:
    """Ranks of worths: 1 the best, ties equal, as in a race."""
    return [1 + sum(other > one for other in worths) for one in worths]


def sign(number: int) -> int:
    return (number > 0) - (number < 0)


@dataclass(frozen=True)
class Said:
    """The completions of an item by their worth, and what a judgment of it holds."""

    texts: list[str]
    value: dict
    strength: int | None = None
    scale: int | None = None
    order: tuple[int, ...] = (0, 1)


def pairwise(n: int) -> Said:
    worths = [(4, 0), (0, 4), (3, 1), (1, 3)][n % 4]
    strength = (1 + n % 4) * sign(worths[0] - worths[1])
    order = [(0, 1), (1, 0)][n % 2]
    return Said([text(one, n) for one in worths], {"scale": 8, "strength": strength}, strength, 8, order)


def ranking(n: int) -> Said:
    worths = [(0, 2, 4), (4, 0, 2), (2, 4, 0, 2), (1, 1, 4), (0, 4, 3, 1, 2)][n % 5]
    return Said([text(one, n + place) for place, one in enumerate(worths)], {"ranks": competition(worths)},
                order=tuple(range(len(worths)))[::-1])  # fmt: skip


def thumbs(n: int) -> Said:
    return Said([text(4 * (n % 2), n)], {"label": bool(n % 2)}, order=(0,))


def likert(n: int) -> Said:
    return Said([text(n % 5, n)], {"ratings": {"overall": 1 + n % 5}, "scale": 5}, order=(0,))


def rubric(n: int) -> Said:
    worths = [(0, 4), (3, 1), (4,), (1, 0, 4), (4, 3)][n % 5]
    sheets = [{"true": {"score": one / 4, "confidence": 1.0, "reason": ""}} for one in worths]
    value = {"weights": {"true": 1.0}, "sheets": sheets}
    return Said([text(one, n + place) for place, one in enumerate(worths)], value, order=tuple(range(len(worths))))


def steps(n: int) -> Said:
    first = [None, 0, 1, 2][n % 4]
    labels = [1, 1, 1] if first is None else [1] * first + [-1]
    lines = [f"{'wrong' if place == first else 'right'} {AWKWARD[n % 4]}" for place in range(3)]
    whole = "\n".join(lines)
    ends = [len("\n".join(lines[: place + 1])) + (place < 2) for place in range(3)]
    return Said([whole], {"labels": [*labels, None, None][:3], "first_error": first, "ends": ends}, order=(0,))


def demonstration(n: int) -> Said:
    return Said([], {"text": text(4, n)}, order=())


def edit(n: int) -> Said:
    return Said([text(0, n)], {"text": text(4, n)}, order=(0,))


def chat(n: int) -> Said:
    """Two turns; the last response's worth is the talk's rating."""
    one, other = [(4, 0), (0, 4)][n % 2]
    last = n % 5
    turns = [
        {"said": f"hello {n}", "answers": [text(one, n), text(other, n)], "order": [n % 2, 1 - n % 2],
         "strength": 2 * sign(one - other), "scale": 8, "chosen": 0 if one > other else 1},
        {"said": "and then?", "answers": [text(last, n)], "order": [0, 1], "strength": None, "scale": 8, "chosen": 0},
    ]  # fmt: skip
    return Said([], {"rating": last + 1, "scale": 8, "demonstration_from": 4, "system": [], "turns": turns}, order=())


PAIRS, THUMBS, SHOWN, RANKED = "preference", "unpaired_preference", "prompt_completion", "ranked"
RATED, STEPWISE, PROMPTS = "rated", "stepwise_supervision", "prompt_only"
# What each interface's answers can become, beside lists of prompts, which any item has.
CASES: dict[str, tuple[Callable[[int], Said], set[str]]] = {
    "pairwise": (pairwise, {PAIRS, THUMBS, SHOWN, RANKED}),
    "ranking": (ranking, {PAIRS, SHOWN, RANKED}),
    "thumbs": (thumbs, {THUMBS, SHOWN}),
    "likert": (likert, {THUMBS, SHOWN, RATED}),
    "rubric": (rubric, {PAIRS, THUMBS, SHOWN, RANKED, RATED}),
    "steps": (steps, {STEPWISE, THUMBS, SHOWN}),
    "demonstration": (demonstration, {SHOWN, THUMBS}),
    "edit": (edit, {PAIRS, THUMBS, SHOWN, RANKED}),
    "chat": (chat, {PAIRS, THUMBS, SHOWN, RANKED, RATED}),
}


def right(said: str) -> bool:
    """Whether a text is a good one: of worth 3 or more, or steps of which none is wrong."""
    return worth(said) >= 3 if said.startswith("worth") else "wrong" not in said


def check(format: str, row: dict) -> None:
    """Hold a row against the texts that it carries."""
    assert set(row) == set(COLUMNS[format])
    if format == PROMPTS:
        assert row["prompt"][-1]["role"] == "user"
        return
    if format == STEPWISE:
        assert all(step.startswith(("right", "wrong")) for step in row["completions"])
        assert [step.startswith("right") for step in row["completions"]] == row["labels"]
        return
    assert row["prompt"][-1]["role"] == "user"
    said = {name: _content(row[name]) for name in ("chosen", "rejected", "completion") if name in row}
    if format == PAIRS:
        assert worth(said["chosen"]) > worth(said["rejected"])
        assert row["margin"] >= 0
    elif format == THUMBS:
        assert row["label"] == right(said["completion"])
    elif format == SHOWN:
        assert right(said["completion"])
    elif format == RATED:
        assert row["rating"] == pytest.approx(worth(said["completion"]) / 4)
    else:
        worths = [worth(_content(answer)) for answer in row["completions"]]
        for one, other in combinations(range(len(worths)), 2):
            assert sign(row["ranks"][other] - row["ranks"][one]) == sign(worths[one] - worths[other])


def _content(turns: list[dict]) -> str:
    [turn] = turns
    assert turn["role"] == "assistant"
    return turn["content"]


def make_said(project, rater, name: str, n: int, said: Said) -> Item:
    prompt = make_prompt(project, f"{AWKWARD[n % len(AWKWARD)]} {name} {n}?", reference=str(n) if n % 2 else "")
    item = Item.objects.create(project=project, prompt=prompt, interface=name, overlap=1, open_slots=1,
                               size=len(said.texts))  # fmt: skip
    for index, one in enumerate(said.texts):
        ItemCompletion.objects.create(item=item, index=index, completion=make_completion(prompt, one))
    make_judgment(item, rater=rater, strength=said.strength, scale=said.scale, value=said.value,
                  shown_order=list(said.order))  # fmt: skip
    return item


def frozen(project, by, format: str, name: str = "one", **options) -> Snapshot:
    snapshot = create_snapshot(project, by=by, name=name, format=format, **options)
    freeze(snapshot.pk)
    snapshot.refresh_from_db()
    return snapshot


def rows_of(snapshot: Snapshot) -> list[dict]:
    texts = [(Path(snapshot.path) / f"{split}.jsonl").read_text() for split in SPLITS]
    return [json.loads(line) for whole in texts for line in whole.split("\n") if line]


@pytest.fixture
def said_by_bob(project, bob, home):
    """`said_by_bob(interface)` fills the project with judged items of one interface."""
    (home / "snapshots").mkdir(exist_ok=True)
    project.split_salt = "0" * 32
    project.save()

    def fill(name: str) -> None:
        for n in range(N):
            make_said(project, make_rater(project, bob), name, n, CASES[name][0](n))

    return fill


def test_every_interface_has_a_case_and_every_format_a_meaning():
    assert CASES.keys() == INTERFACES.keys()
    assert set(Snapshot.Format.values) == {PAIRS, THUMBS, SHOWN, RANKED, RATED, STEPWISE, PROMPTS}
    assert set(Snapshot.Format.values) == COLUMNS.keys()
    for name, way in INTERFACES.items():
        least, most = way.COMPLETIONS
        assert all(least <= len(CASES[name][0](n).texts) <= most for n in range(N)), name


@pytest.mark.peer
@pytest.mark.parametrize("format", Snapshot.Format.values)
@pytest.mark.parametrize("name", INTERFACES)
def test_what_was_said_is_what_trainers_read(said_by_bob, project, rita, tmp_path, monkeypatch, name, format):
    need.peer("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    said_by_bob(name)
    snapshot = frozen(project, rita, format)
    if format != PROMPTS and format not in CASES[name][1]:
        assert snapshot.state == "failed"
        assert "none of the judgments yields a row" in snapshot.error
        return
    assert snapshot.state == "frozen", snapshot.error
    rows = rows_of(snapshot)
    assert rows
    for row in rows:
        check(format, row)
    read = {kind: loaded(snapshot, kind, tmp_path / kind) for kind in ("jsonl", "parquet")}
    assert read["jsonl"] == read["parquet"] == rows
    if format in records.COLUMNS:  # the engine has methods for these
        assert [row for split in SPLITS for row in records.read_rows(snapshot.path, split, format)] == rows


def loaded(snapshot: Snapshot, kind: str, cache: Path) -> list[dict]:
    """The rows as Hugging Face's `datasets` reads the files."""
    import datasets

    files = {split: f"{snapshot.path}/{split}.{kind}" for split in SPLITS if snapshot.split_counts[split]}
    found = datasets.load_dataset("json" if kind == "jsonl" else kind, data_files=files, cache_dir=str(cache))
    return [row for split in SPLITS if split in found for row in found[split].to_list()]


@pytest.mark.peer
@pytest.mark.parametrize(
    ("name", "format"),
    [(name, format) for name, (_, formats) in CASES.items() for format in (PAIRS, THUMBS, SHOWN) if format in formats],
)
def test_trls_own_functions_take_the_rows(said_by_bob, project, rita, tmp_path, monkeypatch, name, format):
    need.peer("trl")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import transformers
    from trl import data_utils

    from tests.engine import tiny

    said_by_bob(name)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny.model_folder(tmp_path / "tiny"))
    for row in rows_of(frozen(project, rita, format)):
        assert data_utils.is_conversational(row)
        made = data_utils.apply_chat_template(row, tokenizer)
        texts = {key: made[key] for key in ("chosen", "rejected", "completion") if key in made}
        assert all(_content(row[key]) in said for key, said in texts.items())
        assert row["prompt"][-1]["content"] in made["prompt"]
        if format == THUMBS:
            assert made["label"] == row["label"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), worths=st.lists(st.integers(0, 4), min_size=2, max_size=6))
def test_any_ranking_comes_out_as_it_was_said(said_by_bob, project, bob, rita, data, worths):
    """For all orders, ties and places: pairs and ranked rows say the order that was given, never the one displayed."""
    order = data.draw(st.permutations(range(len(worths))))
    texts = [text(one, place) for place, one in enumerate(worths)]
    said = Said(texts, {"ranks": competition(worths)}, order=tuple(order))
    project.items.all().delete()
    make_said(project, make_rater(project, bob), "ranking", 0, said)
    ranked = frozen(project, rita, RANKED, name=f"r{Snapshot.objects.count()}")
    [row] = rows_of(ranked)
    check(RANKED, row)
    pairs = frozen(project, rita, PAIRS, name=f"p{Snapshot.objects.count()}", policy={"rank_pairs": "all"})
    wanted = sum(one != other for one, other in combinations(worths, 2))
    found = rows_of(pairs) if pairs.state == "frozen" else []
    assert len(found) == wanted
    for row in found:
        check(PAIRS, row)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scale=st.sampled_from([2, 3, 5, 7, 8]), data=st.data(), swapped=st.booleans())
def test_any_graded_pair_comes_out_as_it_was_said(said_by_bob, project, bob, rita, scale, data, swapped):
    """The sign says which is chosen, whichever stood left; the margin grows with the strength; ties are no pairs."""
    most = {2: 1, 3: 1, 5: 2, 7: 3, 8: 4}[scale]
    strength = data.draw(st.integers(-most, most).filter(lambda said: said or scale in (3, 5, 7)))
    worths = (4, 0) if strength > 0 else (0, 4)
    said = Said([text(one) for one in worths], {"scale": scale, "strength": strength}, strength, scale,
                (1, 0) if swapped else (0, 1))  # fmt: skip
    project.items.all().delete()
    make_said(project, make_rater(project, bob), "pairwise", 0, said)
    snapshot = frozen(project, rita, PAIRS, name=f"p{Snapshot.objects.count()}")
    if not strength:
        assert snapshot.state == "failed"
        return
    [row] = rows_of(snapshot)
    check(PAIRS, row)
    assert row["margin"] == MARGINS[Policy().margins][scale][abs(strength) - 1]
