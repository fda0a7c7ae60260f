"""The arena: a vote is a lease and a judgment; blind pages give nothing away; names come when the sitting ends."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from annotation.models import Assignment, Completion, Item, Judgment, Reveal, Sitting, Task
from annotation.services import labelling
from evaluation.services import comparisons
from tests.evaluation.conftest import answer
from tests.factories import make_checkpoint, make_comparison, make_project
from training.models import Checkpoint, CompletionScore

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "arena"}


def page(comparison, name="comparison-vote"):
    return reverse(f"evaluation:{name}", kwargs={"slug": comparison.project.slug, "pk": comparison.pk})


def fields_of(html):
    hidden = dict(re.findall(r'<input type="hidden" name="(token|submission)" value="([^"]+)"', html))
    return {"token": hidden["token"], "submission": hidden["submission"]}


def cast_vote(client, comparison, **said):
    html = client.get(page(comparison)).content.decode()
    return client.post(page(comparison), fields_of(html) | (said or {"grade": "1"}), **HTMX)


def giveaways(project, models):
    """Everything that would say who is who."""
    words = ["secret", "checkpoint:"]
    for model in models:
        words += [model.uid.hex, str(model.uid), model.source.uid.hex, str(model.source.uid), model.path]
        words += [model.source.key, f"/checkpoints/{model.pk}/"]
    return words


@pytest.mark.parametrize("who", ["alice", "rita", "bob"])
def test_whoever_labels_may_vote(as_user, cast, ready, who):
    html = as_user(getattr(cast, who)).get(page(ready)).content.decode()
    assert "Two answers, blind" in html
    assert html.count('<article class="side"') == 2
    assert Assignment.objects.filter(rater__user=getattr(cast, who), state="leased").count() == 1


def test_viewers_and_strangers_may_not(as_user, vera, charlie, ready):
    for name in ("comparison-vote", "comparison-undo", "comparison-beat", "comparison-finish"):
        for who, status in ((vera, 403), (charlie, 404), (None, 302)):
            assert as_user(who).post(page(ready, name)).status_code == status
    assert as_user(vera).get(page(ready)).status_code == 403
    assert not Sitting.objects.exists()


def test_wrong_ids_and_methods(as_user, rita, ready):
    assert as_user(rita).get("/p/wall/compare/424242/vote/").status_code == 404
    other = make_comparison(make_project())
    assert as_user(rita).get(f"/p/wall/compare/{other.pk}/vote/").status_code == 404
    for name in ("comparison-undo", "comparison-beat", "comparison-finish"):
        assert as_user(rita).get(page(ready, name)).status_code == 405
    assert as_user(rita).delete(page(ready)).status_code == 405


def test_a_vote_is_stored_in_true_order_and_the_next_pair_comes(as_user, bob, ready):
    client = as_user(bob)
    html = client.get(page(ready)).content.decode()
    fields = fields_of(html)
    lease = Assignment.objects.get(token=fields["token"])
    response = client.post(page(ready), fields | {"grade": "1", "comment": "Clear.", "active_ms": "1200"}, **HTMX)
    vote = Judgment.objects.get()
    assert vote.item == lease.item
    # Cell 1 of 8 is "the left one, much better": +4 if the first stood left, else -4.
    assert vote.strength == (4 if lease.shown_order == [0, 1] else -4)
    assert (vote.origin, vote.blind, vote.comment) == ("compare", True, "Clear.")
    part = response.content.decode()
    assert response.status_code == 200
    assert part.lstrip().startswith('<section class="arena" id="arena"')
    assert fields_of(part[: part.index("arena-toast")])["token"] != fields["token"]
    assert "<strong>1</strong> of 6 pairs" in part
    assert "Vote stored." in part


def test_without_htmx_the_form_comes_back_to_the_page(as_user, bob, ready):
    client = as_user(bob)
    fields = fields_of(client.get(page(ready)).content.decode())
    response = client.post(page(ready), fields | {"grade": "8"})
    assert (response.status_code, response.url) == (302, page(ready))
    assert Judgment.objects.count() == 1


def test_sent_twice_it_is_stored_once(as_user, bob, ready):
    client = as_user(bob)
    fields = fields_of(client.get(page(ready)).content.decode()) | {"grade": "2"}
    client.post(page(ready), fields, **HTMX)
    assert client.post(page(ready), fields, **HTMX).status_code == 200
    assert Judgment.objects.count() == 1
    assert Judgment.objects.get().revision == 1


@pytest.mark.parametrize(
    ("said", "outcome", "reason"),
    [
        ({"both_bad": "1"}, "both_bad", ""),
        ({"skip": "subject"}, "skip", "subject"),
        ({"flag": "unsafe"}, "broken", "unsafe"),
    ],
)
def test_both_bad_skip_and_flag(as_user, bob, ready, said, outcome, reason):
    cast_vote(as_user(bob), ready, **said)
    vote = Judgment.objects.get()
    assert (vote.outcome, vote.strength, vote.reason) == (outcome, None, reason)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"grade": "9"}, "Choose a cell from 1 to 8."),
        ({"grade": ""}, "Choose a cell from 1 to 8."),
        ({"skip": "boredom"}, "Choose a reason from the list."),
        ({"token": "x", "grade": "1"}, "The form was incomplete."),
        ({"token": str(uuid4()), "grade": "1"}, "never handed to you"),
        ({"grade": "1", "comment": "x" * 10_001}, "10,000 fit"),
    ],
)
def test_a_wrong_vote_is_answered_in_words_and_stores_nothing(as_user, bob, ready, said, words):
    client = as_user(bob)
    fields = fields_of(client.get(page(ready)).content.decode())
    response = client.post(page(ready), fields | said, **HTMX)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Judgment.objects.exists()


def test_nobody_votes_with_the_lease_of_another(as_user, bob, rita, ready):
    fields = fields_of(as_user(bob).get(page(ready)).content.decode())
    assert as_user(rita).post(page(ready), fields | {"grade": "1"}, **HTMX).status_code == 422
    assert not Judgment.objects.exists()


def test_undo_brings_the_same_pair_back(as_user, bob, ready):
    client = as_user(bob)
    first = fields_of(client.get(page(ready)).content.decode())
    client.post(page(ready), first | {"grade": "1"}, **HTMX)
    undo = {"token": first["token"], "submission": str(uuid4())}
    part = client.post(page(ready, "comparison-undo"), undo, **HTMX).content.decode()
    assert fields_of(part)["token"] == first["token"]
    assert Judgment.objects.get().withdrawn
    assert client.post(page(ready, "comparison-undo"), undo).status_code == 302  # the same undo again
    for nonsense in ({}, {"token": "x"}, undo | {"submission": str(uuid4())}):
        assert client.post(page(ready, "comparison-undo"), nonsense, **HTMX).status_code == 422


def test_the_heartbeat_holds_the_lease_and_keeps_the_comment(as_user, bob, rita, ready):
    client = as_user(bob)
    token = fields_of(client.get(page(ready)).content.decode())["token"]
    before = Assignment.objects.get(token=token).expires_at
    assert client.post(page(ready, "comparison-beat"), {"token": token, "comment": "half a"}).status_code == 204
    lease = Assignment.objects.get(token=token)
    assert lease.expires_at > before
    assert lease.draft == {"comment": "half a"}
    assert "half a</textarea>" in client.get(page(ready)).content.decode()
    assert client.post(page(ready, "comparison-beat"), {"token": "x"}).status_code == 422
    assert as_user(rita).post(page(ready, "comparison-beat"), {"token": token}).status_code == 404


def test_names_come_when_the_sitting_ends(as_user, rita, ready):
    client = as_user(rita)
    cast_vote(client, ready)
    comparison = page(ready, "comparison")
    assert "secret" not in client.get(comparison).content.decode()
    response = client.post(page(ready, "comparison-finish"))
    assert response.url == comparison
    html = client.get(comparison).content.decode()
    assert "sft-secret" in html
    assert "Your votes" in html
    assert not Sitting.objects.filter(ended_at=None).exists()


def test_an_annotator_sees_who_was_who_in_their_own_votes(as_user, bob, rita, ready):
    client, yours = as_user(bob), page(ready, "comparison-yours")
    assert "You have not voted here yet" in client.get(yours).content.decode()
    cast_vote(client, ready)
    assert "secret" not in client.get(yours).content.decode()
    response = client.post(page(ready, "comparison-finish"))
    assert response.url == yours
    html = client.get(yours).content.decode()
    assert "sft-secret" in html
    assert html.count("A much better") == 1
    assert client.post(page(ready, "comparison-finish")).url == yours  # with nothing open
    cast_vote(client, ready)  # a second sitting hides them again
    assert "secret" not in client.get(yours).content.decode()
    assert "You have not voted here yet" in as_user(rita).get(yours).content.decode()


def test_the_labelling_pages_own_end_leads_there_too(as_user, bob, ready):
    client = as_user(bob)
    cast_vote(client, ready)
    ended = client.post("/p/wall/label/end/", {"queue": ready.queue}, follow=True)
    assert page(ready, "comparison-yours") in ended.content.decode()


def test_at_the_end_of_the_queue_the_sitting_can_be_ended(as_user, rita, ready):
    client = as_user(rita)
    for _ in range(6):
        part = cast_vote(client, ready).content.decode()
    assert "No pair is left for you" in part
    assert "<strong>6</strong> of 6 pairs" in part
    assert page(ready, "comparison-finish") in part


def test_before_all_have_answered_there_is_nothing_to_vote_on(as_user, rita, waiting):
    html = as_user(rita).get(page(waiting)).content.decode()
    assert "still being written" in html
    assert not Sitting.objects.exists()


@pytest.mark.parametrize("scale", [2, 5, 7, 8])
def test_the_projects_scale_is_on_the_page(as_user, bob, ready, scale):
    Task.objects.filter(project=ready.project).update(settings={"scale": scale})
    html = as_user(bob).get(page(ready)).content.decode()
    assert html.count('name="grade"') == scale
    assert f'data-cells="{scale}"' in html


# --- blindness


def test_no_blind_page_says_who_is_who(as_user, rita, bob, ready, models, project):
    reward = make_checkpoint(project, kind=Checkpoint.Kind.REWARD, name="secret-rm")
    ready.name = "sft-secret against dpo-secret"
    ready.save()
    ready.scorers.add(reward)
    for completion in Completion.objects.all():
        CompletionScore.objects.create(completion=completion, checkpoint=reward, value=completion.pk + 0.125)
    for who in (rita, bob):
        client = as_user(who)
        seen = [client.get(page(ready))]
        seen.append(client.post(page(ready), fields_of(seen[0].content.decode()) | {"grade": "1"}, **HTMX))
        seen.append(client.get(page(ready)))
        if who == rita:
            seen += [client.get(page(ready, "comparison")), client.get(page(ready, "comparison-read"))]
            for name in ("comparison-csv", "comparison-votes-csv"):
                seen.append(client.get(page(ready, name)))
                assert seen[-1].url == page(ready, "comparison")
        for response in seen:
            said = response.content.decode() + str(response.headers) + response.get("Location", "")
            assert [word for word in giveaways(project, models) if word in said] == []
            assert not re.search(r"\d\.125|\.1[23]\b", said)
            assert " word" not in re.sub(r"words that", "", re.sub("<[^>]+>", "", said))  # lengths


def test_which_model_stands_left_is_not_always_the_same(as_user, bob, project, models, rita):
    from tests.factories import make_prompt

    many = [make_prompt(project) for _ in range(30)]
    comparison = comparisons.create_comparison(project, by=rita, checkpoints=models[:2], prompts=many, sampling={})
    answer(comparison)
    comparisons.settle(comparison.pk)
    left = []
    for _ in range(30):
        lease = labelling.hand_out(project, by=bob, queue=comparison.queue).lease
        sources = list(lease.item.entries.values_list("completion__source_id", flat=True))
        left.append(sources[lease.shown_order[0]])
        labelling.submit(
            project, by=bob, token=lease.token, submission=uuid4(), payload={"outcome": "answer", "grade": 1}
        )
    assert 6 <= left.count(models[0].source_id) <= 24


def test_open_votes_show_names_and_are_stored_as_open(as_user, rita, ready):
    comparisons.open_comparison(ready, by=rita)
    client = as_user(rita)
    html = client.get(page(ready)).content.decode()
    assert "Two answers, open" in html
    assert "sft-secret" in html
    assert re.search(r"\d+ words?", html)
    client.post(page(ready), fields_of(html) | {"grade": "1"}, **HTMX)
    assert Judgment.objects.get().blind is False
    assert Judgment.objects.get().origin == "compare"


def test_where_each_vote_reveals_the_names_follow_it(as_user, rita, ready):
    ready.project.reveal = Reveal.VOTE
    ready.project.save()
    client = as_user(rita)
    html = client.get(page(ready)).content.decode()
    assert "secret" not in html
    fields = fields_of(html)
    part = client.post(page(ready), fields | {"grade": "1"}, **HTMX).content.decode()
    assert "sft-secret" in part
    assert "Vote stored." not in part  # nothing can be undone after the names
    assert "You said: A much better" in part
    plain = client.post(page(ready), fields_of(client.get(page(ready)).content.decode()) | {"grade": "2"})
    assert "?after=" in plain.url
    assert "dpo-secret" in client.get(plain.url).content.decode()


def test_after_is_nothing_in_a_project_that_reveals_at_the_end(as_user, rita, ready):
    client = as_user(rita)
    fields = fields_of(client.get(page(ready)).content.decode())
    client.post(page(ready), fields | {"grade": "1"}, **HTMX)
    assert "secret" not in client.get(f"{page(ready)}?after={fields['token']}").content.decode()
    assert client.get(f"{page(ready)}?after=x").status_code == 200


# --- hostile answers


def test_answers_can_do_nothing(as_user, rita, waiting):
    nasty = '<script>alert(1)</script><img src=x onerror="alert(2)"> **bold** [link](javascript:alert(3)) {}'
    answer(waiting, lambda index, prompt: nasty + f"</section></form><style>*{{}}</style> {index}")
    comparisons.settle(waiting.pk)
    client = as_user(rita)
    for address in (page(waiting), page(waiting, "comparison-read")):
        html = client.get(address).content.decode()
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "<style>" not in html
        assert "javascript:alert" not in re.sub(r"<pre.*?</pre>", "", html, flags=re.S).replace("](javascript", "")
        assert "<strong>bold</strong>" in html


def test_an_empty_answer_is_said(as_user, rita, waiting):
    answer(waiting, lambda index, prompt: " \n" if index else f"Something about {prompt.pk}")
    comparisons.settle(waiting.pk)
    assert Item.objects.filter(queue=waiting.queue).count() == 6
    assert "(an empty answer)" in as_user(rita).get(page(waiting)).content.decode()


def test_a_vote_costs_a_bounded_number_of_queries(as_user, bob, ready, django_assert_max_num_queries):
    client = as_user(bob)
    fields = fields_of(client.get(page(ready)).content.decode())
    with django_assert_max_num_queries(60):
        client.post(page(ready), fields | {"grade": "1"}, **HTMX)
