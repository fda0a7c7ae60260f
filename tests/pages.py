"""Pages in a real browser, under the production content security policy, that forgive nothing.

A console error, an uncaught exception, a dialog, a broken request or a request to another host fails the test that
opened the page, unless the test said beforehand that it is part of what it shows (`page.expected.append("404")`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright, program: str) -> Browser:
    return playwright.chromium.launch(executable_path=program, args=ARGUMENTS)


class Visits:
    """Opens pages of one live server and keeps what went wrong in any of them."""

    def __init__(self, browser: Browser, address: str):
        self.browser = browser
        self.address = address
        self.problems: list[str] = []
        self.contexts: list[BrowserContext] = []

    def __call__(self, user=None, *, width: int = 1440, height: int = 900, dark: bool = False, touch=False) -> Page:
        """A page of a browser of its own, signed in as `user`; relative addresses go to the live server.

        `touch` makes it a phone: fingers, no mouse.
        """
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            has_touch=touch,
            is_mobile=touch,
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        if user is not None:
            context.add_cookies([self.cookie(user)])
        page = context.new_page()
        page.expected = []
        self.watch(page)
        return page

    def cookie(self, user) -> dict:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        return {"name": name, "value": client.cookies[name].value, "url": self.address}

    def watch(self, page: Page) -> None:
        def problem(text: str) -> None:
            if not any(part in text for part in page.expected):
                self.problems.append(f"{urlsplit(page.url).path}: {text}")

        def dialog(box) -> None:
            problem(f"dialog: {box.message}")
            box.dismiss()

        def request(sent) -> None:
            if not sent.url.startswith((self.address, "data:", "blob:", "about:")):
                problem(f"request to another host: {sent.url}")

        page.on("console", lambda said: problem(f"console: {said.text}") if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: problem(f"uncaught: {error}"))
        page.on("dialog", dialog)
        page.on("request", request)

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@contextmanager
def visits(browser: Browser, address: str) -> Iterator[Visits]:
    opened = Visits(browser, address)
    try:
        yield opened
    finally:
        opened.close()
    assert not opened.problems, "\n".join(["The pages complained:", *opened.problems])


def assert_accessible(page: Page) -> None:
    """No violation that axe can find."""
    found = Axe().run(page)
    rows = [
        f"{row['id']}: {row['help']}: {', '.join(str(node['target']) for node in row['nodes'][:5])}"
        for row in found.response["violations"]
    ]
    assert not rows, "\n".join([f"axe on {page.url}:", *rows])
