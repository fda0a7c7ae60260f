"""The browser of items: every filter, full-text search alike on both databases, pages by position."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.item_filters import ItemFilter
from annotation.models import Assignment, Batch, BatchItem, Item, Judgment, JudgmentRevision, SearchMark
from annotation.search_words import mark, parse, words_of
from annotation.selectors import browse
from annotation.services import search
from annotation.services.items import settle_slots
from tests.factories import (
    make_completion,
    make_judgment,
    make_pair_item,
    make_project,
    make_prompt,
    make_rater,
    make_source,
    make_task,
)

pytestmark = [pytest.mark.django_db, pytest.mark.services]
PAGE = "/p/wall/data/items/"


def found(project, **wanted) -> set[int]:
    return set(browse.matching(project, ItemFilter.read(wanted)).values_list("pk", flat=True))


@pytest.fixture
def items(project):
    """Four items about plants and one about glass."""
    texts = [
        ("How much water do tomato plants need?", "A litre a day.", "None."),
        ("Why do plants turn yellow?", "Too much water.", "Too little iron."),
        ("Tomato, or tomahto?", "Both.", "Neither."),
        ("Was heißt Gießkanne?", "Watering can.", "Teapot; naïve guess."),
        ("Who invented the greenhouse?", "Glass makers.", "The Romans: plants <b>under</b> mica."),
    ]
    return [make_pair_item(project, one, two, prompt=make_prompt(project, asked)) for asked, one, two in texts]


def searched(project, text, scope="") -> list[int]:
    search.freshen()
    rows = browse.matching(project, ItemFilter.read({"search": text, "scope": scope})).order_by("pk")
    every = list(Item.objects.filter(project=project).order_by("pk").values_list("pk", flat=True))
    return [every.index(row.pk) for row in rows]


@pytest.mark.parametrize(
    ("text", "scope", "places"),
    [
        ("plants", "", [0, 1, 4]),
        ("plants", "prompt", [0, 1]),
        ("plants", "completions", [4]),
        ("PLANTS water", "", [0, 1]),
        ('"tomato plants"', "", [0]),
        ('"plants tomato"', "", []),
        ("plants -yellow", "", [0, 4]),
        ("gies", "", [3]),
        ("giesskanne", "", [3]),
        ("naive", "", [3]),
        ("tom", "", [0, 2]),
        ("tom ", "", []),
        ("b under b", "", [4]),
        ("AND OR NOT", "", []),
        ('") OR 1=1 --', "", []),
        ("nothing like it", "", []),
    ],
)
def test_words_are_found(project, items, text, scope, places):
    assert searched(project, text, scope) == places


def test_searches_of_nothing_let_everything_pass(project, items):
    assert len(searched(project, "  ...  ")) == 5
    assert len(searched(project, "-plants")) == 5


def test_what_is_typed_becomes_words_alone():
    assert words_of("Crème  brûlée—2_000 × “ok”") == "creme brulee 2 000 ok"
    query = parse('water "tomato plants" -glass')
    assert (query.wanted, query.unwanted, query.begins) == ((("water",), ("tomato", "plants")), (("glass",),), False)
    assert not parse("' \" ; --")
    assert mark("a b") != mark("a")
    assert mark("a b").isalnum()


def test_comments_come_change_and_go(project, items, bob):
    judgment = make_judgment(items[2], rater=make_rater(project, bob), comment="Suspicious spelling")
    assert searched(project, "suspicious") == [2]
    judgment.comment = "Fine after all"
    judgment.save()
    JudgmentRevision.objects.create(judgment=judgment, number=2, kind="change", payload={})
    assert searched(project, "suspicious") == []
    assert searched(project, "fine", "comments") == [2]
    Judgment.objects.filter(pk=judgment.pk).update(withdrawn=True)
    JudgmentRevision.objects.create(judgment=judgment, number=3, kind="withdraw", payload={})
    assert searched(project, "fine") == []


def test_nothing_is_indexed_twice_and_nothing_is_left_out(project, items):
    assert search.freshen() == 5
    assert search.freshen() == 0
    SearchMark.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    late = make_pair_item(project, "A latecomer.", "Another.")
    assert search.freshen() == 1
    assert SearchMark.objects.get(name="items").through == items[-1].pk
    assert searched(project, "latecomer") == [5]
    assert search.rebuild() == 6
    assert late.pk in found(project, search="latecomer")


def test_many_items_are_indexed_in_pieces(project, items, monkeypatch):
    monkeypatch.setattr(search, "BATCH", 2)
    assert search.freshen() == 5
    assert searched(project, "plants") == [0, 1, 4]


def test_other_projects_are_not_found(project, items):
    search.freshen()
    assert found(make_project(), search="plants") == set()


def test_states(project, items):
    opened, leased, done, flagged, out = items
    Assignment.objects.create(item=leased, rater=make_rater(project), shown_order=[0, 1], expires_at=timezone.now())
    make_judgment(done)
    Item.objects.filter(pk=flagged.pk).update(put_aside=True)
    Item.objects.filter(pk=out.pk).update(kept_out=True)
    settle_slots(item.pk for item in items)
    for state, item in {"open": opened, "leased": leased, "done": done, "flagged": flagged, "kept_out": out}.items():
        assert found(project, state=state) == {item.pk}, state


def test_prompts_sources_and_tasks(project, items):
    task = make_task(project)
    source = make_source(project, key="special")
    prompt = make_prompt(project, category="sums", prompt_set="one", tags=["hard maths", 'a"b'])
    item = make_pair_item(project, prompt=prompt, queue=task.queue)
    item.entries.filter(index=0).update(completion=make_completion(prompt, "other", source=source))
    search.freshen()
    for wanted in (
        {"category": "sums"}, {"prompt_set": "one"}, {"queue": task.queue}, {"source": source.pk},
        {"tag": "hard maths"}, {"tag": 'a"b'},
    ):  # fmt: skip
        assert found(project, **wanted) == {item.pk}, wanted
    assert found(project, tag="hard") == found(project, tag="maths") == set()


@pytest.mark.parametrize("rare", [0, 3000])
def test_raters_dates_and_disagreement(project, items, bob, rare, monkeypatch):
    monkeypatch.setattr(browse, "_RARE", rare)
    mine, others = make_rater(project, bob), make_rater(project)
    make_judgment(items[0], rater=mine, strength=2)
    make_judgment(items[0], rater=others, strength=-1)
    make_judgment(items[1], rater=others, strength=0)
    make_judgment(items[1], rater=mine, strength=3, withdrawn=True)
    old = make_judgment(items[2], rater=others, strength=3, comment="see")
    Judgment.objects.filter(pk=old.pk).update(judged_at=timezone.now() - timedelta(days=10))
    today, week = timezone.now().date(), timezone.now().date() - timedelta(days=7)
    assert found(project, rater=mine.pk) == {items[0].pk}
    assert found(project, disagreement="1") == {items[0].pk}
    assert found(project, comment="1") == {items[2].pk}
    assert found(project, judged_since=str(week)) == {items[0].pk, items[1].pk}
    assert found(project, judged_until=str(week)) == {items[2].pk}
    assert found(project, since=str(today)) == {item.pk for item in items}
    assert found(project, until=str(week)) == set()


def test_batches(project, items, alice):
    batch = Batch.objects.create(project=project, title="week 1", created_by=alice)
    BatchItem.objects.create(batch=batch, item=items[3])
    assert found(project, batch=batch.pk) == {items[3].pk}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"gold__user__password": "x"}, "no filter"),
        ({"state": "x"}, "state must be one of"),
        ({"rater": "1 or 1"}, "rater must be a number"),
        ({"since": "yesterday"}, "since must be a day"),
        ({"disagreement": "maybe"}, "disagreement is yes"),
        ({"search": "x" * 301}, "at most 300"),
    ],
)
def test_filters_are_a_short_list(given, says):
    with pytest.raises(ValueError, match=f"(?i){says}"):
        ItemFilter.read(given)


def test_pages_go_on_by_position(project):
    made = [make_pair_item(project).pk for _ in range(60)][::-1]
    first, older, newer = browse.page_of(project, ItemFilter())
    assert ([item.pk for item in first], newer) == (made[:25], 0)
    second, oldest, newer = browse.page_of(project, ItemFilter(), before=older)
    assert [item.pk for item in second] == made[25:50]
    last, end, _ = browse.page_of(project, ItemFilter(), before=oldest)
    assert ([item.pk for item in last], end) == (made[50:], 0)
    back, _, _ = browse.page_of(project, ItemFilter(), after=newer)
    assert [item.pk for item in back] == made[:25]


def test_the_page_searches_and_names_nobody_to_researchers(project, items, alice, rita, bob, as_user):
    make_judgment(items[0], rater=make_rater(project, bob), comment="hmm")
    text = as_user(alice).get(PAGE, {"search": "yellow"}).content.decode()
    assert "turn yellow" in text
    assert "invented" not in text
    assert "bob" in as_user(alice).get(PAGE).content.decode()
    assert "bob" not in as_user(rita).get(PAGE).content.decode()
    assert as_user(alice).get(PAGE, {"rater": "x"}).status_code == 422
    assert "No item passes" in as_user(rita).get(PAGE, {"search": "zzz"}).content.decode()


def test_a_page_is_a_few_queries(project, alice, as_user, django_assert_max_num_queries):
    for _ in range(30):
        make_judgment(make_pair_item(project))
    search.freshen()
    lead = as_user(alice)
    with django_assert_max_num_queries(32):
        lead.get(PAGE, {"search": "answer", "state": "done"})
