"""The site in processes of its own, and browsers on it."""

import pytest

from tests import pages
from tests.browser.site import Site


@pytest.fixture
def site(tmp_path_factory):
    """The whole site, empty."""
    site = Site(tmp_path_factory.mktemp("site"))
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture
def visit(chromium, site):
    """`visit(width=390)` opens a page of its own browser on that site; its complaints fail the test."""
    with pages.visits(chromium, site.address) as opened:
        yield opened
