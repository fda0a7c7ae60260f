"""The whole loop as three people walk it, on a site of its own: what one leaves, the next finds.

alice leads: she makes a project, invites by link, imports pairs. bob annotates by keyboard. rita researches: she
freezes what bob said, trains on it, watches the curves move, compares, votes, and finds her votes in a new snapshot.
"""

import pytest
from playwright.sync_api import expect

from tests.browser import judging, leading, researching, taste
from tests.browser.site import ROOT

pytestmark = pytest.mark.browser
MODEL = ROOT / "training" / "tiny" / "model"
SMALL = {"per_device_train_batch_size": 8, "logging_steps": 1, "save_steps": 0, "threads": 1}


@pytest.fixture
def people(site, visit, tmp_path):
    """alice, bob and rita in one project with thirty pairs to judge; bob sat there before the first came."""
    site.add_person("alice", leading.PASSWORD, "--creates-projects")
    alice, bob, rita = visit(), visit(), visit()
    leading.sign_in(alice, "alice")
    leading.make_project(alice, "Allotment")
    leading.join(bob, leading.invite(alice, "Annotator"), "bob")
    leading.join(rita, leading.invite(alice, "Researcher"), "rita")
    told = leading.import_files(alice, "To be judged here", [taste.write_pairs(tmp_path, 30)])
    assert told["New items"] == "30"
    return alice, bob, rita


def walk(people, *, pairs: int, steps: int, rewarded: bool, asked: int) -> None:
    """Around the loop once. `rewarded`: a reward model is trained too."""
    _, bob, rita = people
    judging.label(bob, pairs, taste.knows)

    rita.goto("/")
    rita.get_by_role("link", name="Allotment").click()
    researching.freeze(rita, "round one")
    assert researching.rows_of(rita) == pairs
    before = researching.items_of(rita)
    assert len(before) == pairs
    researching.register(rita, "tiny", MODEL)
    if rewarded:
        train(rita, "reward_bt", "likes", steps)
    train(rita, "dpo", "learnt", steps)

    rita.get_by_role("link", name="Compare with tiny").click()
    researching.compare(rita, taste.questions(asked))
    assert "learnt" not in rita.content(), "a name is on a page that is blind"
    votes = judging.vote(rita, taste.knows)
    expect(rita.get_by_role("main")).to_contain_text("tiny and learnt at")

    researching.freeze(rita, "round two", also=("comparison",))
    assert researching.rows_of(rita) == pairs + votes
    voted = researching.items_of(rita) - before
    assert len(voted) == votes
    rita.goto(f"/p/allotment/data/items/{voted.pop()}/")
    rita.get_by_role("link", name="Comparison 1").click()
    expect(rita.get_by_role("heading", name="Your votes")).to_be_visible()


def train(page, method: str, name: str, steps: int) -> None:
    """One run from the snapshot's page to its end, watched."""
    researching.section(page, "Data")
    page.get_by_role("link", name="round one").click()
    settings = SMALL | {"max_steps": steps, "sample_steps": max(1, steps // 4)}
    researching.prepare(page, method, name, start="tiny", settings=settings)
    researching.launch(page, name)
    seen = researching.watch(page)
    assert len(seen) > 1, f"the curves did not move while they were watched: {seen}"
    assert seen[-1] >= steps


def test_once_around(people):
    walk(people, pairs=6, steps=120, rewarded=False, asked=3)


@pytest.mark.sweep
def test_the_whole_loop(people):
    walk(people, pairs=20, steps=60, rewarded=True, asked=12)
