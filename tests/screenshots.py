"""Takes the pictures of docs/img: every page of a running demo, wide and light, narrow and dark.

    python -m tests.screenshots http://127.0.0.1:8000 .plumbline/demo-sign-ins.txt [NAME …]

Start `make demo` first, let its runs end and compare two checkpoints; a page that is not there yet is said and left
out. Pages of single rows are found by the first link on the page that lists them.
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import need, pages

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "img"
VIEWS = {"wide": {"width": 1440, "height": 900, "dark": False}, "narrow": {"width": 390, "height": 844, "dark": True}}
P = "/p/orchard/"
# name, who looks, address, and, where the page is one row's, what its address must look like on that page
SHOTS = [
    ("sign-in", None, "/accounts/login/", None),
    ("home", "researcher", "/", None),
    ("work", "annotator", "/your-work/", None),
    ("project", "researcher", P, None),
    ("label", "annotator", f"{P}label/", None),
    ("label-ranking", "annotator", f"{P}label/?queue=task:rank-the-replies", None),
    ("label-thumbs", "annotator", f"{P}label/?queue=task:thumbs", None),
    ("label-ratings", "annotator", f"{P}label/?queue=task:rate-the-replies", None),
    ("add-items", "lead", f"{P}", r"/tasks/\d+/items/$"),
    ("capture", "lead", f"{P}capture/", None),
    ("label-steps", "annotator", f"{P}label/?queue=task:steps", None),
    ("label-criteria", "annotator", f"{P}label/?queue=task:criteria", None),
    ("label-demonstration", "annotator", f"{P}label/?queue=task:demonstrations", None),
    ("label-edit", "annotator", f"{P}label/?queue=task:edits", None),
    ("guide", "annotator", f"{P}guide/", None),
    ("people", "lead", f"{P}people/", None),
    ("progress", "lead", f"{P}progress/", None),
    ("audit", "lead", f"{P}audit/", None),
    ("settings", "lead", f"{P}settings/", None),
    ("project-new", "lead", "/projects/new/", None),
    ("tokens", "researcher", f"{P}tokens/", None),
    ("data", "researcher", f"{P}data/", None),
    ("items", "researcher", f"{P}data/items/", None),
    ("batches", "lead", f"{P}batches/", None),
    ("blocks", "lead", f"{P}blocks/", None),
    ("item", "researcher", f"{P}data/items/", r"/data/items/\d+/$"),
    ("quality", "viewer", f"{P}quality/", None),
    ("raters", "lead", f"{P}quality/raters/", None),
    ("rater", "researcher", f"{P}quality/raters/?sort=right", r"/quality/raters/\d+/"),
    ("disagreements", "researcher", f"{P}quality/disagreements/", None),
    ("circles", "researcher", f"{P}quality/circles/", None),
    ("representation", "viewer", f"{P}quality/representation/", None),
    ("about-you", "annotator", "/about-you/", None),
    ("import-new", "researcher", f"{P}imports/new/", None),
    ("exports", "lead", f"{P}exports/", None),
    ("snapshot-new", "researcher", f"{P}snapshots/new/", None),
    ("snapshot", "researcher", f"{P}data/", r"/snapshots/\d+/$"),
    ("rubrics", "researcher", f"{P}rubrics/", None),
    ("rubric", "researcher", f"{P}rubrics/", r"/rubrics/\d+/$"),
    ("rubric-edit", "researcher", f"{P}rubrics/1/edit/", None),
    ("rubric-difference", "viewer", f"{P}rubrics/1/difference/?from=2&to=3", None),
    ("rubric-review", "viewer", f"{P}rubrics/1/review/", None),
    ("rubric-split", "researcher", f"{P}rubrics/1/", r"/split/[0-9a-f-]+/$"),
    ("rubric-trial", "researcher", f"{P}rubrics/1/", r"/rubrics/trials/\d+/$"),
    ("label-chat", "annotator", f"{P}label/?queue=task:chats", None),
    ("generate", "researcher", f"{P}generate/", None),
    ("endpoints", "lead", f"{P}endpoints/", None),
    ("label-rubric", "annotator", "/your-work/", r"label/\?queue=task%3Arubric"),
    ("judges", "researcher", f"{P}judges/", None),
    ("judge", "researcher", f"{P}judges/", r"/judges/\d+/$"),
    ("judge-new", "researcher", f"{P}judges/new/", None),
    ("constitution", "researcher", f"{P}judges/", r"/constitutions/\d+/$"),
    ("constitution-edit", "researcher", f"{P}constitutions/1/edit/", None),
    ("feedback", "researcher", f"{P}judges/", r"/feedback/\d+/$"),
    ("methods", "researcher", "/methods/", None),
    ("method", "researcher", "/methods/dpo/", None),
    ("runs", "researcher", f"{P}runs/", None),
    ("run-new", "researcher", f"{P}runs/new/?method=dpo", None),
    ("run", "researcher", f"{P}runs/", r"/runs/\d+/$"),
    ("models", "researcher", f"{P}checkpoints/", None),
    ("checkpoint", "researcher", f"{P}checkpoints/", r"/checkpoints/\d+/$"),
    ("machines", "researcher", "/machines/", None),
    ("comparisons", "researcher", f"{P}compare/", None),
    ("comparison-new", "researcher", f"{P}compare/new/", None),
    ("comparison-vote", "annotator2", f"{P}compare/1/vote/", None),
    ("comparison-blind", "lead", f"{P}compare/1/", None),
    ("comparison-read", "lead", f"{P}compare/1/read/", None),
    ("comparison", "viewer", f"{P}compare/", r"/compare/\d+/$"),
    ("leaderboard", "viewer", f"{P}compare/leaderboard/", None),
]


def main(address: str, sign_ins: str, *wanted: str) -> None:
    people = dict(line.split()[:2] for line in Path(sign_ins).read_text().splitlines() if len(line.split()) >= 2)
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = pages.launch(playwright, need.chromium())
        for view, size in VIEWS.items():
            windows: dict[str | None, Page] = {}
            for name, who, path, row in SHOTS:
                if not wanted or name in wanted:
                    if who not in windows:
                        windows[who] = signed_in(browser, address, who, people, **size)
                    take(windows[who], name, view, path, row)
        browser.close()


def signed_in(browser: Browser, address: str, who: str | None, people: dict, *, width, height, dark) -> Page:
    page = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    ).new_page()
    if who:
        page.goto("/accounts/login/")
        page.fill("[name=username]", who)
        page.fill("[name=password]", people[who])
        page.click("form [type=submit]")
        page.wait_for_load_state()
    return page


def take(page: Page, name: str, view: str, path: str, row: str | None) -> None:
    answer = page.goto(path)
    if row:
        links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
        found = next((link for link in links if re.search(row, link)), None)
        answer = page.goto(found) if found else None
    if answer is None or not answer.ok:
        sys.stderr.write(f"{name}: not there yet\n")
        return
    page.wait_for_load_state("load")
    page.wait_for_timeout(1200)  # curves are drawn after the page has loaded
    page.screenshot(path=FOLDER / f"{name}-{view}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
