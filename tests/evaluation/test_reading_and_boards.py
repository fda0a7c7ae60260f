"""Reading side by side, the leaderboard, figures and votes as CSV."""

import csv
import io
import re

import pytest
from django.urls import reverse

from annotation.models import Item, Rater
from evaluation.services import comparisons
from tests.evaluation.conftest import answer, vote
from tests.factories import (
    make_checkpoint,
    make_completion,
    make_judgment,
    make_pair_item,
    make_project,
    make_prompt,
    make_rater,
    make_source,
)
from training.models import Checkpoint, CompletionScore

BOARD = "/p/wall/compare/leaderboard/"


def page(comparison, name="comparison-read", query=""):
    return reverse(f"evaluation:{name}", kwargs={"slug": comparison.project.slug, "pk": comparison.pk}) + query


def table(response):
    return list(csv.DictReader(io.StringIO(response.content.decode())))


# --- reading


def test_blind_reading_names_nobody_and_keeps_its_order(as_user, rita, alice, project, models, prompts):
    comparison = comparisons.create_comparison(project, by=rita, checkpoints=models, prompts=prompts, sampling={})
    answer(comparison)
    comparisons.settle(comparison.pk)
    orders = set()
    for number in range(1, 7):
        html = as_user(rita).get(page(comparison, query=f"?prompt={number}")).content.decode()
        assert "secret" not in html
        assert html.count('<article class="side"') == 3
        order = tuple(re.findall(r'<pre class="written" tabindex="0">Answer (\d)', html))
        again = as_user(rita).get(page(comparison, query=f"?prompt={number}")).content.decode()
        assert tuple(re.findall(r'<pre class="written" tabindex="0">Answer (\d)', again)) == order
        orders.add(order)
    assert len(orders) > 1


def test_named_reading_shows_names_lengths_and_rewards(as_user, rita, ready, project):
    reward = make_checkpoint(project, kind=Checkpoint.Kind.REWARD, name="rm-7")
    ready.scorers.add(reward)
    comparisons.open_comparison(ready, by=rita)
    for item in Item.objects.filter(queue=ready.queue):
        for entry in item.entries.all():
            CompletionScore.objects.create(completion_id=entry.completion_id, checkpoint=reward, value=-1.25)
    html = as_user(rita).get(page(ready)).content.decode()
    assert "sft-secret" in html
    assert "5 words" in html  # "Answer 0 to Question 0?"
    assert "rm-7 −1.25" in html


def test_after_a_sitting_only_what_was_voted_on_is_named(as_user, rita, ready):
    from uuid import uuid4

    from annotation.services import labelling
    from annotation.services.sittings import end_sitting

    lease = labelling.hand_out(ready.project, by=rita, queue=ready.queue).lease
    payload = {"outcome": "answer", "grade": 1}
    labelling.submit(ready.project, by=rita, token=lease.token, submission=uuid4(), payload=payload)
    end_sitting(ready.project, by=rita, queue=ready.queue)
    named = [
        number
        for number in range(1, 7)
        if "secret" in as_user(rita).get(page(ready, query=f"?prompt={number}")).content.decode()
    ]
    prompts = sorted(Item.objects.filter(queue=ready.queue).values_list("prompt_id", flat=True))
    assert named == [prompts.index(lease.item.prompt_id) + 1]


def test_equal_and_missing_answers_are_said(as_user, rita, waiting, prompts):
    def texts(index, prompt):
        if prompt.pk == prompts[0].pk:
            return "Word for word."
        return None if prompt.pk == prompts[1].pk and index else f"{index} {prompt.pk}"

    answer(waiting, texts)
    comparisons.settle(waiting.pk)
    assert "All answers are the same" in as_user(rita).get(page(waiting, query="?prompt=1")).content.decode()
    assert "1 checkpoint gave no answer" in as_user(rita).get(page(waiting, query="?prompt=2")).content.decode()


def test_reading_before_the_first_answer(as_user, rita, waiting):
    assert "No answer to read yet" in as_user(rita).get(page(waiting)).content.decode()


@pytest.mark.parametrize("number", ["0", "7", "x", "-1", "99999999999999999999"])
def test_no_such_prompt(as_user, rita, ready, number):
    assert as_user(rita).get(page(ready, query=f"?prompt={number}")).status_code == 404


def test_who_may_read(as_user, alice, bob, vera, charlie, ready):
    assert as_user(alice).get(page(ready)).status_code == 200
    assert as_user(bob).get(page(ready)).status_code == 403
    assert as_user(vera).get(page(ready)).status_code == 403
    assert as_user(charlie).get(page(ready)).status_code == 404
    assert as_user(alice).post(page(ready)).status_code == 405


def test_two_answers_carry_marks(as_user, rita, waiting):
    answer(waiting, lambda index, prompt: f"Keep the carrots {'in damp sand' if index else 'on the balcony'}.")
    comparisons.settle(waiting.pk)
    html = as_user(rita).get(page(waiting)).content.decode()
    assert sorted(re.findall(r'<mark data-side="[ab]">([^<]+)</mark>', html)) == ["in damp sand", "on the balcony"]


@pytest.mark.parametrize("count", [2, 3])
def test_every_answer_is_rendered(as_user, rita, project, models, prompts, count):
    comparison = comparisons.create_comparison(
        project, by=rita, checkpoints=models[:count], prompts=prompts, sampling={}
    )
    answer(comparison, lambda index, prompt: f"**Bold {index}** <b>raw</b>")
    comparisons.settle(comparison.pk)
    html = as_user(rita).get(page(comparison)).content.decode()
    rendered = re.findall(r'<div class="prose rendered">(.*?)</div>', html, re.DOTALL)
    assert len(rendered) == count
    for part in rendered:
        assert "<strong>" in part
        assert "&lt;b&gt;" in part
        assert "&lt;strong" not in part


# --- the leaderboard


def three_systems(project, rows):
    """Imported votes: (winner, loser) or a tie, each on a prompt of its own by raters in turn."""
    sources = {name: make_source(project, key=name, name=name) for name in ("good", "fair", "poor")}
    for number, (first, second, strength) in enumerate(rows):
        prompt = make_prompt(project)
        item = make_pair_item(project, prompt=prompt)
        for index, name in enumerate((first, second)):
            entry = item.entries.get(index=index)
            entry.completion = make_completion(prompt, f"{name} {number}", source=sources[name])
            entry.save()
        rater = make_rater(project, kind=Rater.Kind.IMPORTED, name=f"expert_{number % 6}")
        make_judgment(item, rater=rater, strength=strength, origin="import")
    return sources


ROWS = [
    *[("good", "fair", 1)] * 6,
    *[("fair", "good", 1)] * 2,
    *[("fair", "poor", 1)] * 5,
    *[("poor", "fair", 1)] * 2,
    *[("poor", "good", -1)] * 7,
    ("good", "poor", -1),
]


def test_all_votes_of_the_project_are_ranked(as_user, vera, project):
    three_systems(project, ROWS)
    html = as_user(vera).get(BOARD).content.decode()
    names = re.findall(r'<th scope="row">(good|fair|poor)', html)
    assert names[:3] == ["good", "fair", "poor"]
    assert "23 votes, 23 prompts, 6 people" in re.sub(r"\s+", " ", html)
    assert "leaderboard.csv" not in html


def test_the_empty_leaderboard_says_what_will_be_there(as_user, vera, project):
    assert "Nothing to rank yet" in as_user(vera).get(BOARD).content.decode()


def test_a_pair_of_one_author_says_nothing_about_anybody(as_user, vera, project):
    make_judgment(make_pair_item(project), strength=2)
    assert "Nothing to rank yet" in as_user(vera).get(BOARD).content.decode()


def test_both_bad_withdrawn_surplus_and_open_sittings_do_not_count(as_user, vera, project):
    three_systems(project, ROWS)
    items = list(Item.objects.filter(project=project))
    for number, fields in enumerate(
        [
            {"strength": None, "outcome": "both_bad"},
            {"withdrawn": True},
            {"surplus": True},
            {"ended": False},
            {"strength": None, "outcome": "skip"},
        ]
    ):
        rater = make_rater(project, kind=Rater.Kind.IMPORTED, name=f"another_{number}")
        make_judgment(items[0], rater=rater, **{"strength": -1} | fields)
    html = re.sub(r"\s+", " ", as_user(vera).get(BOARD).content.decode())
    assert "23 votes, 23 prompts" in html
    assert "both bad 1" in html


def test_the_leaderboard_as_csv(as_user, rita, vera, bob, project):
    sources = three_systems(project, ROWS)
    rows = table(as_user(rita).get(f"/p/wall/compare/leaderboard.csv?baseline={sources['poor'].pk}"))
    assert [row["name"] for row in rows] == ["good", "fair", "poor"]
    assert rows[2]["baseline"] == "1"
    assert float(rows[2]["score_elo"]) == 0
    assert float(rows[0]["low_elo"]) < float(rows[0]["score_elo"]) < float(rows[0]["high_elo"])
    # good took 6 of 8 from fair and 7 of 8 from poor.
    assert (int(rows[0]["votes"]), float(rows[0]["win_rate"])) == (16, 13 / 16)
    for who in (vera, bob):
        assert as_user(who).get("/p/wall/compare/leaderboard.csv").status_code == 403


def test_the_leaderboard_costs_the_same_however_many_votes(as_user, vera, project, django_assert_num_queries):
    three_systems(project, ROWS)
    client = as_user(vera)
    client.get(BOARD)
    with django_assert_num_queries(8):
        client.get(BOARD)


def test_other_projects_votes_stay_there(as_user, vera, project):
    three_systems(make_project(), ROWS)
    assert "Nothing to rank yet" in as_user(vera).get(BOARD).content.decode()


# --- CSV of a comparison


def test_votes_as_csv(as_user, rita, voted, models):
    for item in Item.objects.filter(queue=voted.queue)[:2]:
        vote(item, models[0].source_id, rater=make_rater(voted.project, name="=cmd()"))
    rows = table(as_user(rita).get(page(voted, "comparison-votes-csv")))
    assert len(rows) == 8
    assert {row["rater"] for row in rows} == {"1", "2"}
    assert {row["rater_kind"] for row in rows} == {"person", "simulated"}
    assert {row["first"] for row in rows} | {row["second"] for row in rows} == {"sft-secret", "dpo-secret"}
    won = [row["first"] if int(row["strength"]) > 0 else row["second"] for row in rows if int(row["strength"])]
    assert won.count("dpo-secret") == 4
    assert "Answer" not in as_user(rita).get(page(voted, "comparison-votes-csv")).content.decode()


def test_a_name_that_begins_like_a_formula_stays_text(as_user, rita, voted, models):
    Checkpoint.objects.filter(pk=models[0].pk).update(name="=1+1")
    rows = table(as_user(rita).get(page(voted, "comparison-csv")))
    assert {row["name"] for row in rows} == {"'=1+1", "dpo-secret"}


def test_who_may_export(as_user, alice, vera, bob, charlie, voted):
    for name in ("comparison-csv", "comparison-votes-csv"):
        assert as_user(vera).get(page(voted, name)).status_code == 403
        assert as_user(bob).get(page(voted, name)).status_code == 403
        assert as_user(charlie).get(page(voted, name)).status_code == 404
        # alice leads but has pairs left to vote on: the figures would say who is who.
        assert as_user(alice).get(page(voted, name)).status_code == 302
