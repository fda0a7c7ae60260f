"""The comparison in a real browser: a sitting by keyboard, marks on demand, names at the end; axe finds nothing."""

import pytest
from django.urls import reverse

from annotation.models import GenerationRequest, Judgment
from evaluation.models import Comparison
from evaluation.services import comparisons
from tests.evaluation.conftest import answer
from tests.factories import make_checkpoint, make_prompt
from tests.pages import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def page(comparison, name="comparison"):
    return reverse(f"evaluation:{name}", kwargs={"slug": comparison.project.slug, "pk": comparison.pk})


@pytest.fixture
def garden(cast):
    """Two checkpoints that differ in a word, four prompts, ready to vote on."""
    models = [make_checkpoint(cast.project, name=name) for name in ("sft-secret", "dpo-secret")]
    prompts = [make_prompt(cast.project, prompt_set="held") for _ in range(4)]
    comparison = comparisons.create_comparison(
        cast.project, by=cast.rita, checkpoints=models, prompts=prompts, sampling={}
    )
    words = ("in damp **sand**", "on the <script>alert(1)</script> balcony")
    answer(comparison, lambda index, prompt: f"Keep the carrots {words[index]}, all of {prompt.pk}.")
    comparisons.settle(comparison.pk)
    comparison.refresh_from_db()
    return comparison


def test_a_sitting_by_keyboard(visit, rita, garden):
    seen = visit(rita)
    seen.goto(page(garden))
    seen.get_by_role("link", name="Start voting").click()
    seen.wait_for_load_state()
    marked = "getComputedStyle(document.querySelector('.prose mark')).textDecorationLine"
    assert seen.evaluate(marked) == "none"
    seen.keyboard.press("d")
    assert seen.evaluate(marked) == "underline"
    seen.keyboard.press("m")
    assert seen.locator("pre.written").first.is_visible()
    seen.keyboard.press("m")
    seen.keyboard.press("1")
    seen.get_by_text("1 of 4 pairs").wait_for()
    assert seen.evaluate("document.activeElement.id") == "arena"
    assert seen.evaluate(marked) == "underline"  # the switch stays where it was put
    seen.keyboard.press("u")
    seen.get_by_text("0 of 4 pairs").wait_for()
    seen.keyboard.press("8")
    seen.get_by_text("1 of 4 pairs").wait_for()
    seen.keyboard.press("c")
    seen.keyboard.type("Both 1 and 2 are wrong. d u s")
    seen.keyboard.press("Escape")
    seen.keyboard.press("0")
    seen.get_by_text("2 of 4 pairs").wait_for()
    seen.keyboard.press("s")
    seen.get_by_role("button", name="I do not know the subject").click()
    seen.get_by_text("1 put aside").wait_for()
    seen.keyboard.press("4")
    seen.get_by_role("heading", name="No pair is left for you").wait_for()
    assert "secret" not in seen.content()
    seen.keyboard.press("Enter")
    seen.get_by_role("heading", name="Your votes").wait_for()
    assert "sft-secret" in seen.content()
    votes = Judgment.objects.filter(withdrawn=False).order_by("judged_at")
    assert [vote.outcome for vote in votes] == ["answer", "both_bad", "skip", "answer"]
    assert votes[1].comment == "Both 1 and 2 are wrong. d u s"
    assert all(vote.active_ms is not None for vote in votes)


def test_arrow_keys_move_without_voting(visit, rita, garden):
    seen = visit(rita)
    seen.goto(page(garden, "comparison-vote"))
    seen.locator("[name=grade]").first.focus()
    seen.keyboard.press("ArrowRight")
    seen.keyboard.press("ArrowRight")
    assert seen.locator("[name=grade]:checked").get_attribute("value") in {"2", "3"}
    seen.wait_for_timeout(200)
    assert not Judgment.objects.exists()
    seen.keyboard.press("Enter")
    seen.get_by_text("1 of 4 pairs").wait_for()
    assert Judgment.objects.count() == 1


def test_a_vote_while_the_server_is_away_is_said_and_can_be_repeated(visit, rita, garden):
    seen = visit(rita)
    seen.expected += ["Failed to load", "ERR_", "htmx:sendError", "htmx:afterRequest", "net::"]
    seen.goto(page(garden, "comparison-vote"))
    seen.route("**/vote/", lambda route: route.abort())
    seen.keyboard.press("1")
    seen.get_by_text("Not sent: the server could not be reached").wait_for()
    assert not Judgment.objects.exists()
    seen.unroute("**/vote/")
    seen.keyboard.press("1")
    seen.get_by_text("1 of 4 pairs").wait_for()
    assert Judgment.objects.count() == 1


def test_the_progress_goes_on_by_itself(visit, rita, cast):
    models = [make_checkpoint(cast.project) for _ in range(2)]
    comparison = comparisons.create_comparison(
        cast.project, by=rita, checkpoints=models, prompts=[make_prompt(cast.project)], sampling={}
    )
    seen = visit(rita)
    seen.goto(page(comparison))
    seen.get_by_text("Waits for a worker").first.wait_for()
    GenerationRequest.objects.update(state="running")
    seen.get_by_text("Writing").first.wait_for(timeout=6000)
    answer(comparison)
    comparisons.gather()
    seen.get_by_role("link", name="Start voting").wait_for(timeout=6000)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(visit, alice, rita, vera, garden, width, dark):
    comparisons.open_comparison(garden, by=alice)
    generating = comparisons.create_comparison(
        garden.project,
        by=rita,
        checkpoints=[entry.checkpoint for entry in garden.entries.all()],
        prompts=[make_prompt(garden.project)],
        sampling={},
    )
    failed = Comparison.objects.create(
        project=garden.project, name="f", state="failed", error="dpo: no space left.", created_by=rita
    )
    from tests.evaluation.conftest import vote as cast_vote

    for item in garden.project.items.all():
        cast_vote(item, item.entries.first().completion.source_id, by=vera)
    views = [
        (rita, reverse("evaluation:comparisons", args=[garden.project.slug])),
        (rita, reverse("evaluation:comparison-new", args=[garden.project.slug])),
        (rita, page(garden)),
        (rita, page(garden, "comparison-vote")),
        (rita, page(garden, "comparison-read")),
        (alice, page(garden)),
        (alice, page(garden, "comparison-read")),
        (rita, page(generating)),
        (rita, page(failed)),
        (vera, reverse("evaluation:leaderboard", args=[garden.project.slug])),
    ]
    windows = {user: visit(user, width=width, dark=dark) for user, _ in views}
    for user, address in views:
        seen = windows[user]
        seen.goto(address)
        assert_accessible(seen)
        assert seen.evaluate("document.documentElement.scrollWidth") <= width, address
