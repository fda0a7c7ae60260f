"""What every test may ask for: the cast in a project, clients, browsers, servers of its own."""

import os
from types import SimpleNamespace

import pytest
from django.test import Client
from playwright.sync_api import sync_playwright
from rest_framework.test import APIClient

from alignment_site.celery import app
from annotation.models import Role
from tests import need, pages, servers
from tests.endpoint_server import EndpointServer
from tests.factories import make_project, make_user


def pytest_collection_modifyitems(items):
    """Tests that kill processes and watch the clock never run beside each other."""
    for item in items:
        if item.get_closest_marker("fault"):
            item.add_marker(pytest.mark.xdist_group("fault"))


@pytest.fixture(scope="session", autouse=True)
def tasks():
    """Every task is registered, as in a worker: eager tasks are found by name."""
    app.loader.import_default_modules()


@pytest.fixture
def cast(db):
    """alice leads, rita researches, bob annotates, vera views, charlie is a stranger; all in `cast.project`."""
    people = {name: make_user(name) for name in ("alice", "rita", "bob", "vera", "charlie")}
    project = make_project(
        by=people["alice"],
        slug="wall",
        name="Wall",
        members={
            Role.RESEARCHER: [people["rita"]],
            Role.ANNOTATOR: [people["bob"]],
            Role.VIEWER: [people["vera"]],
        },
    )
    return SimpleNamespace(project=project, **people)


@pytest.fixture
def project(cast):
    return cast.project


@pytest.fixture
def alice(cast):
    return cast.alice


@pytest.fixture
def rita(cast):
    return cast.rita


@pytest.fixture
def bob(cast):
    return cast.bob


@pytest.fixture
def vera(cast):
    return cast.vera


@pytest.fixture
def charlie(cast):
    return cast.charlie


@pytest.fixture
def as_user():
    """A test client signed in as somebody: `as_user(bob).get(...)`; `as_user(None)` is nobody."""

    def sign_in(user) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def api_as():
    """An API client signed in as somebody: `api_as(rita).get(...)`."""

    def sign_in(user) -> APIClient:
        client = APIClient()
        if user is not None:
            client.force_authenticate(user)
        return client

    return sign_in


@pytest.fixture
def home(tmp_path, settings):
    """A PLUMBLINE_HOME of this test alone, for tests that look at the files the site writes."""
    settings.HOME = tmp_path
    for name in ("UPLOAD_DIR", "SNAPSHOT_DIR", "RUN_DIR", "MODEL_DIR", "GENERATION_DIR", "EXPORT_DIR"):
        setattr(settings, name, tmp_path / getattr(settings, name).name)
    return tmp_path


@pytest.fixture
def endpoint_server(settings):
    """A running server of the chat completions protocol, which the operator has named; see tests/endpoint_server.py."""
    with EndpointServer() as running:
        settings.ENDPOINT_HOSTS = [running.host]
        yield running


@pytest.fixture(scope="session")
def real_data():
    """`real_data("mt_bench_human", "file")`: a path in the folder of real data."""
    return need.real_data


@pytest.fixture(scope="session")
def chromium():
    program = need.chromium()
    # Playwright's synchronous interface runs an event loop in this thread, and Django then refuses its database.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = pages.launch(playwright, program)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visit(chromium, live_server):
    """`visit(bob, width=390, dark=True)` opens a page of its own browser; its complaints fail the test."""
    with pages.visits(chromium, live_server.url) as opened:
        yield opened


@pytest.fixture
def own_redis(tmp_path_factory):
    """A Redis server that this test may stop, start and kill."""
    need.redis_server()
    yield from run_server(servers.Redis(tmp_path_factory.mktemp("redis")))


@pytest.fixture
def own_postgres(tmp_path_factory):
    """A PostgreSQL server that this test may stop, start and kill."""
    need.postgres()
    yield from run_server(servers.Postgres(tmp_path_factory.mktemp("postgres")))


def run_server(server: servers.Server):
    server.start()
    try:
        yield server
    finally:
        server.kill()
