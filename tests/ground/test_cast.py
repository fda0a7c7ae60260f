"""The ground every other test stands on."""

import os

import pytest
from django.conf import settings
from django.db import connection

from annotation.models import Membership
from tests import factories


def test_the_cast_stands_in_one_project(cast):
    roles = dict(Membership.objects.filter(project=cast.project).values_list("user__username", "role"))
    assert roles == {"alice": "lead", "rita": "researcher", "bob": "annotator", "vera": "viewer"}


def test_nothing_is_written_to_the_developers_home():
    assert str(settings.HOME).startswith(os.environ["PLUMBLINE_TEST_HOME"])
    assert str(settings.SNAPSHOT_DIR).startswith(os.environ["PLUMBLINE_TEST_HOME"])


@pytest.mark.services
def test_factories_make_the_whole_loop(project):
    judgment = factories.make_judgment(factories.make_pair_item(project), strength=-2)
    run = factories.make_run(project, snapshot=factories.make_snapshot(project))
    factories.make_checkpoint(project, run=run, kind="reward")
    comparison = factories.make_comparison(project)
    assert judgment.item.open_slots == 0
    assert [entry.index for entry in comparison.entries.all()] == [0, 1]


@pytest.mark.browser
def test_a_page_opens_in_a_browser(visit, bob):
    page = visit(bob)
    page.goto("/")
    assert page.get_by_role("heading", level=1).is_visible()


@pytest.mark.fault
def test_a_redis_of_ones_own_comes_back_with_what_it_had(own_redis):
    import redis

    client = redis.Redis.from_url(own_redis.url)
    client.set("key", "kept")
    own_redis.kill()
    own_redis.start()
    assert client.get("key") == b"kept"
    client.close()


@pytest.mark.fault
def test_a_postgres_of_ones_own_comes_back(own_postgres):
    import psycopg

    with psycopg.connect(own_postgres.url) as first:
        first.execute("CREATE TABLE kept (n int)")
    own_postgres.kill()
    own_postgres.start()
    with psycopg.connect(own_postgres.url) as second:
        assert second.execute("SELECT count(*) FROM kept").fetchone() == (0,)


@pytest.mark.django_db
def test_sqlite_is_a_file_that_child_processes_can_open():
    if connection.vendor == "sqlite":
        assert os.path.isabs(connection.settings_dict["NAME"])
