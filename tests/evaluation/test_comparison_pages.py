"""The list, the form, and a comparison in each of its states, as each of the cast sees them."""

import re

import pytest
from django.urls import reverse

from annotation.models import GenerationRequest, Item, Prompt
from evaluation.models import Comparison, Opening
from evaluation.services import comparisons
from tests.evaluation.conftest import answer, vote
from tests.factories import make_checkpoint, make_comparison, make_project, make_rater, make_snapshot
from training.models import Checkpoint

LIST, NEW = "/p/wall/compare/", "/p/wall/compare/new/"


def page(comparison, name="comparison", **more):
    return reverse(f"evaluation:{name}", kwargs={"slug": comparison.project.slug, "pk": comparison.pk, **more})


def form(models, **fields):
    said = {
        "checkpoint_0": models[0].pk,
        "checkpoint_1": models[1].pk,
        "source": "set",
        "prompt_set": "held",
        "count": 4,
        "temperature": "0.7",
        "max_new_tokens": 64,
        "seed": 1,
        "overlap": 2,
    }
    return {key: value for key, value in (said | fields).items() if value is not None}


# --- the list


def test_an_empty_list_says_what_to_do(as_user, rita, project):
    html = as_user(rita).get(LIST).content.decode()
    assert "No comparison yet" in html
    assert NEW in html


def test_a_viewer_reads_the_list_without_the_button(as_user, vera, voted):
    response = as_user(vera).get(LIST)
    assert response.status_code == 200
    row = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", response.content.decode()))
    assert f"Comparison {voted.pk} Ready 2 6 6 " in row
    assert NEW not in response.content.decode()


def test_the_list_costs_the_same_however_long_it_is(as_user, rita, project, voted, django_assert_num_queries):
    client = as_user(rita)
    client.get(LIST)
    with django_assert_num_queries(5):
        client.get(LIST)
    for _ in range(5):
        make_comparison(project)
    with django_assert_num_queries(5):
        client.get(LIST)


def test_annotators_and_strangers_do_not_get_in(as_user, bob, charlie, project, ready):
    for address in (LIST, page(ready), "/p/wall/compare/leaderboard/"):
        assert as_user(bob).get(address).status_code == 403
        assert as_user(charlie).get(address).status_code == 404
        assert as_user(None).get(address).status_code == 302


# --- the form


def test_the_form_makes_a_comparison(as_user, rita, project, models, prompts):
    response = as_user(rita).post(NEW, form(models))
    comparison = Comparison.objects.get()
    assert response.url == page(comparison)
    assert [entry.checkpoint for entry in comparison.entries.all()] == models[:2]
    assert comparison.entries.first().request.total == 4
    assert comparison.sampling == {"temperature": 0.7, "max_new_tokens": 64, "seed": 1}
    assert (comparison.overlap, comparison.prompt_set, comparison.created_by) == (2, "held", rita)


def test_the_same_seed_asks_the_same_questions(as_user, rita, project, models, prompts):
    asked = []
    for seed in (3, 3, 4):
        as_user(rita).post(NEW, form(models, count=3, seed=seed))
        request = Comparison.objects.latest("pk").entries.first().request
        asked.append(set(request.rows.values_list("prompt_id", flat=True)))
    assert asked[0] == asked[1]
    assert asked[0] != asked[2]


def test_typed_prompts_become_a_set(as_user, rita, project, models):
    text = "How long do\ncarrots keep?\r\n\r\nAnd potatoes?\n\nAnd potatoes?"
    response = as_user(rita).post(NEW, form(models, source="typed", typed=text, prompt_set=None))
    assert response.status_code == 302
    prompts = Prompt.objects.filter(project=project, prompt_set="typed").order_by("pk")
    assert [prompt.messages[0]["content"] for prompt in prompts] == ["How long do\ncarrots keep?", "And potatoes?"]


def test_held_out_prompts_of_a_snapshot(as_user, rita, project, models, prompts, tmp_path):
    rows = [
        f'{{"row":"{split}:0","prompt":{prompt.pk}}}'
        for split, prompt in zip(("train", "validation", "test"), prompts, strict=False)
    ]
    (tmp_path / "lineage.jsonl").write_text("\n".join(rows) + "\n")
    snapshot = make_snapshot(project, path=str(tmp_path))
    response = as_user(rita).post(NEW, form(models, source="held_out", snapshot=snapshot.pk, prompt_set=None))
    assert response.status_code == 302
    asked = Comparison.objects.get().entries.first().request.rows.values_list("prompt_id", flat=True)
    assert set(asked) == {prompts[1].pk, prompts[2].pk}


def test_a_snapshot_whose_files_are_gone_is_said(as_user, rita, project, models):
    snapshot = make_snapshot(project, path="/nowhere")
    response = as_user(rita).post(NEW, form(models, source="held_out", snapshot=snapshot.pk, prompt_set=None))
    assert response.status_code == 422
    assert "There are no prompts to answer" in response.content.decode()
    assert not Comparison.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"checkpoint_1": None}, "Choose a checkpoint."),
        ({"checkpoint_1": "same"}, "chosen already"),
        ({"checkpoint_1": 999_999}, "There is no such checkpoint."),
        ({"prompt_set": None}, "Choose a prompt set"),
        ({"prompt_set": "nowhere"}, "nowhere"),
        ({"source": "typed", "typed": " \n\n "}, "Type at least one prompt."),
        ({"source": "typed", "typed": "\n\n".join(map(str, range(101)))}, "101 prompts are typed; 100 fit"),
        ({"source": "nothing"}, "nothing is not one of the available choices"),
        ({"temperature": "3"}, "less than or equal to 2"),
        ({"max_new_tokens": "0"}, "greater than or equal to 1"),
        ({"overlap": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_mistake_comes_back_with_what_was_typed(as_user, rita, project, models, prompts, fields, said):
    if fields.get("checkpoint_1") == "same":
        fields = {"checkpoint_1": models[0].pk}
    response = as_user(rita).post(NEW, form(models, **fields) | {"name": "my words"})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert "my words" in response.content.decode()
    assert not Comparison.objects.exists()


def test_checkpoints_of_other_projects_and_reward_models_are_no_choice(as_user, rita, project, models, prompts):
    foreign = make_checkpoint(make_project())
    reward = make_checkpoint(project, kind=Checkpoint.Kind.REWARD)
    for other in (foreign, reward):
        assert as_user(rita).post(NEW, form(models, checkpoint_1=other.pk)).status_code == 422


def test_checkpoints_come_chosen_by_address(as_user, rita, project, models):
    html = as_user(rita).get(f"{NEW}?checkpoint={models[2].pk}&checkpoint={models[1].pk}").content.decode()
    chosen = re.findall(r'<option value="(\d+)" selected>', html)
    assert chosen == [str(models[1].pk), str(models[2].pk)]
    assert as_user(rita).get(f"{NEW}?checkpoint=x").status_code == 200


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_only_those_who_evaluate_make_comparisons(as_user, cast, models, prompts, who):
    assert as_user(getattr(cast, who)).get(NEW).status_code == 403
    assert as_user(getattr(cast, who)).post(NEW, form(models)).status_code == 403
    assert not Comparison.objects.exists()


def test_wrong_methods_and_ids(as_user, rita, ready):
    assert as_user(rita).put(LIST).status_code == 405
    assert as_user(rita).post(page(ready)).status_code == 405
    assert as_user(rita).get(page(ready, "comparison-retry")).status_code == 405
    assert as_user(rita).get(page(ready, "comparison-open")).status_code == 405
    assert as_user(rita).get("/p/wall/compare/987654/").status_code == 404


def test_a_comparison_of_another_project_is_not_here(as_user, rita):
    other = make_comparison(make_project())
    assert as_user(rita).get(f"/p/wall/compare/{other.pk}/").status_code == 404


# --- generating, failed


def test_progress_is_polled_while_it_generates(as_user, rita, waiting):
    GenerationRequest.objects.filter(entry__index=0).update(state="running", done=2)
    html = as_user(rita).get(page(waiting)).content.decode()
    assert 'hx-trigger="every 2s"' in html
    assert re.search(r'<progress max="6" value="2"', html)
    assert "No worker is running" in html
    part = as_user(rita).get(page(waiting), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="progress").content.decode()
    assert part.lstrip().startswith('<section id="progress"')
    assert "<html" not in part


def test_the_page_loads_anew_when_all_have_answered_or_one_failed(as_user, rita, waiting):
    htmx = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "progress"}
    answer(waiting)
    comparisons.gather()
    assert as_user(rita).get(page(waiting), **htmx)["HX-Refresh"] == "true"
    Comparison.objects.update(state=Comparison.State.FAILED, error="x: no")
    assert as_user(rita).get(page(waiting), **htmx)["HX-Refresh"] == "true"


def test_a_failure_is_said_with_a_way_on(as_user, rita, vera, waiting):
    GenerationRequest.objects.filter(entry__index=1).update(state="failed", error="No space left. Free some, retry.")
    comparisons.gather()
    html = as_user(rita).get(page(waiting)).content.decode()
    assert "dpo-secret: No space left. Free some, retry." in html
    assert page(waiting, "comparison-retry") in html
    assert "hx-trigger" not in html
    assert page(waiting, "comparison-retry") not in as_user(vera).get(page(waiting)).content.decode()
    response = as_user(rita).post(page(waiting, "comparison-retry"))
    assert response.url == page(waiting)
    waiting.refresh_from_db()
    assert waiting.state == Comparison.State.GENERATING
    assert as_user(rita).post(page(waiting, "comparison-retry")).status_code == 302  # twice is harmless


def test_only_those_who_evaluate_retry_and_open(as_user, vera, bob, waiting):
    for who in (vera, bob):
        for name in ("comparison-retry", "comparison-open"):
            assert as_user(who).post(page(waiting, name)).status_code == 403


# --- blind, revealed


def test_who_may_vote_sees_neither_names_nor_results_before_it(as_user, rita, ready, models):
    html = as_user(rita).get(page(ready)).content.decode()
    assert "6 pairs wait for your vote" in html
    assert "secret" not in html


def test_who_may_not_vote_sees_the_results_at_once(as_user, vera, voted):
    html = as_user(vera).get(page(voted)).content.decode()
    assert "How often sft-secret beats dpo-secret" in html
    assert "Your votes" not in html
    assert page(voted, "comparison-votes-csv") not in html


def test_names_and_figures_appear_when_the_sitting_has_ended(as_user, rita, voted):
    html = as_user(rita).get(page(voted)).content.decode()
    # The second model took four and half a tie of six: the first has 1.5 of 6.
    assert re.search(r"25 % <span class=\"ci\">\[\d+, \d+\]", html)
    assert "6 votes, 6 prompts, 1 person" in re.sub(r"\s+", " ", html)
    assert "Bradley–Terry on the Elo scale, sft-secret at 0" in html
    assert "Your votes" in html


def test_a_second_sitting_hides_them_again(as_user, rita, voted):
    from annotation.models import Sitting

    Item.objects.filter(queue=voted.queue).update(overlap=5)
    Sitting.objects.create(project=voted.project, rater=make_rater(voted.project, rita), queue=voted.queue)
    assert "secret" not in as_user(rita).get(page(voted)).content.decode()


def test_opening_shows_everything_and_says_so(as_user, rita, ready):
    response = as_user(rita).post(page(ready, "comparison-open"))
    assert response.url == page(ready)
    html = as_user(rita).get(page(ready)).content.decode()
    assert "sft-secret" in html
    assert "You opened this comparison" in html
    assert "Nobody has voted yet" in html
    assert Opening.objects.filter(comparison=ready, user=rita).count() == 1


def test_open_votes_count_only_when_asked_for(as_user, rita, vera, voted, models):
    for item in Item.objects.filter(queue=voted.queue)[:3]:
        vote(item, models[0].source_id, rater=make_rater(voted.project, name="knew", kind="imported"), blind=False)
    html = re.sub(r"\s+", " ", as_user(vera).get(page(voted)).content.decode())
    assert "3 votes of people who knew the names are not counted" in html
    assert "6 votes, 6 prompts" in html
    asked = re.sub(r"\s+", " ", as_user(vera).get(page(voted) + "?opened=1").content.decode())
    assert "9 votes, 6 prompts" in asked


def test_voters_can_be_chosen_and_simulated_ones_are_named_so(as_user, vera, voted, models):
    for item in Item.objects.filter(queue=voted.queue):
        vote(item, models[0].source_id, rater=make_rater(voted.project, name="robot"))
    html = re.sub(r"\s+", " ", as_user(vera).get(page(voted) + "?voters=all").content.decode())
    assert "12 votes, 6 prompts, 1 person, 1 simulated rater" in html
    # People and machines are not mixed unasked.
    people = re.sub(r"\s+", " ", as_user(vera).get(page(voted)).content.decode())
    assert "6 votes, 6 prompts, 1 person" in people
    assert "simulated rater" not in people
    assert as_user(vera).get(page(voted) + "?voters=martians&baseline=no").status_code == 200


def test_another_baseline_stands_at_nought(as_user, vera, voted, models):
    html = as_user(vera).get(page(voted) + f"?baseline={models[1].source_id}").content.decode()
    assert "dpo-secret at 0" in html


def test_equal_answers_everywhere_leave_nothing_to_vote_on(as_user, rita, waiting):
    answer(waiting, lambda index, prompt: f"The same to {prompt.pk}")
    comparisons.gather()
    html = as_user(rita).get(page(waiting)).content.decode()
    assert "6 of equal answers are not voted on" in html
    assert "cannot be told apart" in html


def test_three_have_a_matrix_and_a_row_for_each_pair(as_user, vera, rita, project, models, prompts):
    comparison = comparisons.create_comparison(project, by=rita, checkpoints=models, prompts=prompts, sampling={})
    answer(comparison)
    comparisons.settle(comparison.pk)
    for item in Item.objects.filter(queue=comparison.queue):
        vote(item, min(item.entries.values_list("completion__source_id", flat=True)), by=rita)
    html = as_user(vera).get(page(comparison)).content.decode()
    assert "sft-secret over grpo-secret" in html
    assert "Each against each" in html
    assert "Somebody won or lost everything" in html


def test_a_page_of_results_costs_a_bounded_number_of_queries(as_user, rita, voted, django_assert_max_num_queries):
    client = as_user(rita)
    client.get(page(voted))
    with django_assert_max_num_queries(24):
        client.get(page(voted))


def test_own_votes_show_what_was_hidden_and_what_others_said(as_user, rita, voted, models, project):
    reward = make_checkpoint(project, kind=Checkpoint.Kind.REWARD, name="rm-1")
    voted.scorers.add(reward)
    from training.models import CompletionScore

    for item in Item.objects.filter(queue=voted.queue):
        vote(item, models[0].source_id, rater=make_rater(project, name="other"))
        for entry in item.entries.select_related("completion"):
            value = 2.0 if entry.completion.source_id == models[0].source_id else 1.0
            CompletionScore.objects.create(completion=entry.completion, checkpoint=reward, value=value)
    html = as_user(rita).get(page(voted)).content.decode()
    assert html.count("disagrees") == 4  # rita preferred the second four times, rm-1 never
    assert "nobody" not in html


def test_reward_models_have_a_mean_with_interval_or_a_reason(as_user, vera, voted, models, project):
    from training.models import CompletionScore

    good, bad, slow = (
        make_checkpoint(project, kind=Checkpoint.Kind.REWARD, name=name) for name in ("rm-good", "rm-bad", "rm-slow")
    )
    voted.scorers.set([good, bad, slow])
    for number, item in enumerate(Item.objects.filter(queue=voted.queue).order_by("prompt_id")):
        for entry in item.entries.select_related("completion"):
            first = entry.completion.source_id == models[0].source_id
            value = float(number) if first else number + 1.0
            CompletionScore.objects.create(completion=entry.completion, checkpoint=good, value=value)
            CompletionScore.objects.create(completion=entry.completion, checkpoint=bad, error="It needs 9 GB.")
            CompletionScore.objects.create(completion=entry.completion, checkpoint=slow)
    html = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", as_user(vera).get(page(voted)).content.decode()))
    # 0 … 5: mean 2.5, standard error √3.5 / √6, t(5) = 2.571: ± 1.96; the other lies one higher.
    assert "rm-good 2.50 [0.54, 4.46] n 6 3.50 [1.54, 5.46] n 6 Done" in html
    assert "rm-bad – – Failed It needs 9 GB." in html
    assert "rm-slow – – 12 to come" in html
