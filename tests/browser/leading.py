"""What a lead does with the mouse and the keyboard: signing in, making a project, inviting by link, importing."""

from pathlib import Path

from playwright.sync_api import Page, expect

PASSWORD = "seven onions, one string"


def sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label(f"Menu of {name}")).to_be_visible()


def make_project(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("People on each item").fill("1")
    page.get_by_role("button", name="Make the project").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def invite(page: Page, role: str) -> str:
    """From the project's page and back to it. Returns the link, as it is copied."""
    page.get_by_role("link", name="People", exact=True).click()
    page.get_by_label("Role", exact=True).select_option(label=role)
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("[data-invitation]").inner_text()
    page.locator(".crumbs a").last.click()
    return link


def join(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Make the account and join").click()
    expect(page.get_by_text("Welcome to")).to_be_visible()


def import_files(page: Page, title: str, files: list[Path], *, prompt_set: str = "", wait_seconds: int = 60) -> dict:
    """From the project's pages; waits until all is in. Returns the figures that the page shows."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Data").click()
    page.get_by_role("link", name="Import", exact=False).first.click()
    page.locator("details.more").evaluate_all("groups => groups.forEach((group) => { group.open = true; })")
    page.get_by_role("radio", name=title).check()
    page.get_by_label("Files", exact=True).set_input_files(files)
    page.get_by_label("Prompt set", exact=False).fill(prompt_set)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("#progress .pill")).to_have_text("Published", timeout=wait_seconds * 1000)
    return figures(page)


def figures(page: Page) -> dict[str, str]:
    """Names and values of the figures on a page."""
    pairs = page.locator("#progress .figure").evaluate_all(
        "rows => rows.map(row => [row.querySelector('dt').textContent, row.querySelector('dd').textContent])"
    )
    return {name.strip(): value.strip() for name, value in pairs}
