"""Names that services wake up exist as tasks: a typing error would otherwise be silence."""

import ast
import re

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
    """(file, task name) of every call of `enqueue`; where the name is no literal, every name the file holds."""
    found = []
    for name in tree.having(".py"):
        if name.split("/")[0] in tree.APPS:
            nodes = list(ast.walk(ast.parse(tree.text(name))))
            wanted = [node.args[0] for node in nodes if isinstance(node, ast.Call) and called(node) == "enqueue"]
            if any(not isinstance(argument, ast.Constant) for argument in wanted):
                wanted = [node for node in nodes if isinstance(node, ast.Constant) and is_task_name(node.value)]
            found += [(name, argument.value) for argument in wanted]
    return found


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def is_task_name(value) -> bool:
    return isinstance(value, str) and re.fullmatch(r"(annotation|training|evaluation)\.[a-z_]+", value) is not None


def test_every_enqueued_name_is_a_task(registered):
    absent = [(file, task) for file, task in enqueued() if task not in registered]
    assert not absent


def test_every_scheduled_name_is_a_task(registered):
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in registered


def test_every_task_stands_on_a_known_queue(registered):
    own = [name for name in registered if not name.startswith("celery.")]
    assert own
    assert {queue_of(name) for name in own} <= set(QUEUES)
