"""Names that services wake up exist as tasks: a typing error would otherwise be silence."""

import ast

import pytest
from django.conf import settings

from alignment_site.celery import QUEUES, app, queue_of
from tests.repo import tree


@pytest.fixture(scope="module")
def registered():
    app.loader.import_default_modules()
    app.finalize()
    return app.tasks


def enqueued() -> list[tuple[str, str]]:
    """(file, task name) of every call of `enqueue` in the apps."""
    found = []
    for name in tree.having(".py"):
        if name.split("/")[0] not in tree.APPS:
            continue
        for node in ast.walk(ast.parse(tree.text(name))):
            called = getattr(node, "func", None)
            if isinstance(node, ast.Call) and getattr(called, "id", getattr(called, "attr", "")) == "enqueue":
                assert isinstance(node.args[0], ast.Constant), f"{name}: enqueue takes the name as a literal"
                found.append((name, node.args[0].value))
    return found


def test_every_enqueued_name_is_a_task(registered):
    absent = [(file, task) for file, task in enqueued() if task not in registered]
    assert not absent


def test_every_scheduled_name_is_a_task(registered):
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in registered


def test_every_task_stands_on_a_known_queue(registered):
    own = [name for name in registered if not name.startswith("celery.")]
    assert {queue_of(name) for name in own} <= set(QUEUES)
