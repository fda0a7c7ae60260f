"""The loop on real votes, from the pages: MT-Bench's 3,355, whose longer answer wins 69 % of the time."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import judging, leading, researching
from tests.browser.site import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.sweep, pytest.mark.real_data]
LONGER_WINS = "The longer answer wins 69 % of the time"
# These answers are up to some thousand tokens long: what does not fit is cut, and the page must say how many.
SETTINGS = {
    "max_steps": 30,
    "per_device_train_batch_size": 8,
    "max_length": 384,
    "truncation": "truncate",
    "logging_steps": 1,
    "save_steps": 0,
    "eval_rows": 100,
    "sample_steps": 10,
    "threads": 1,
}


@pytest.fixture
def lead(site, visit):
    """alice alone: a lead may do all of it."""
    site.add_person("alice", leading.PASSWORD, "--creates-projects")
    page = visit()
    leading.sign_in(page, "alice")
    leading.make_project(page, "MT-Bench")
    return page


def test_real_votes_go_all_the_way(lead, real_data):
    votes = real_data("mt_bench_human", "human_votes.jsonl")
    answers = sorted(real_data("mt_bench_human", "model_answer").glob("*.jsonl"))
    files = [real_data("mt_bench_human", "question.jsonl"), votes, *answers]
    told = leading.import_files(lead, "MT-Bench", files, wait_seconds=180)
    assert told == {
        "Rows read": "3,355",
        "New prompts": "160",
        "New items": "1,814",
        "New judgments": "3,355",
        "There already": "0",
    }

    researching.freeze(lead, "votes", wait_seconds=180)
    card = lead.locator("[aria-labelledby=card-title]")
    expect(card.get_by_role("heading", name=LONGER_WINS)).to_be_visible()
    expect(card).to_contain_text("69 % [66, 73] of 2,575 decided votes")
    expect(card).to_contain_text("0.49 [0.45, 0.53] α nominal, 961 items judged more than once")
    assert researching.rows_of(lead) == 2574  # one pair of equal texts is no row

    researching.register(lead, "tiny", ROOT / "training" / "tiny" / "model")
    reward = train(lead, "reward_bt", "likes")
    train(lead, "dpo", "learnt")
    lead.get_by_role("link", name="Compare with tiny").click()
    researching.compare(lead, held_out=6, scorer=reward)
    assert judging.vote(lead, longer)
    expect(lead.get_by_role("main")).to_contain_text("tiny and learnt at")
    expect(lead.get_by_role("heading", name="Result")).to_be_visible()


def train(page, method: str, name: str) -> str:
    """One run on the votes, watched; what length alone reaches is said before it starts and beside its curve."""
    researching.section(page, "Data")
    page.get_by_role("link", name="votes", exact=True).click()
    researching.prepare(page, method, name, start="tiny", settings=SETTINGS)
    check = page.locator("#check")
    expect(check.get_by_role("heading", name=LONGER_WINS)).to_be_visible()
    cut = int(re.search(r"Cut off\s*([\d,]+)", check.inner_text())[1].replace(",", ""))
    assert cut > 500, "answers of thousands of tokens were cut, and the page does not say so"
    expect(check).to_contain_text("Left out")
    researching.launch(page, name)
    seen = researching.watch(page)
    assert len(seen) > 2, f"the curves did not move while they were watched: {seen}"
    expect(page.locator("[data-panel=accuracy]")).to_contain_text("longer answer wins 69 %")
    return name


def longer(_question: str, a: str, b: str) -> str:
    """The taste of these voters, overdone."""
    return "8" if len(b) > len(a) else "1"
