"""PostgreSQL knows how large a table has become as soon as it has."""

import pytest
from django.db import connection

from annotation.models import Item
from annotation.services.items import create_items
from annotation.services.table_statistics import MUCH
from tests.factories import make_completion, make_prompt

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def believed(table: str) -> float:
    """How many rows the planner thinks there are; -1 before anybody counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
        return cursor.fetchone()[0]


def test_many_items_are_known_to_the_planner_at_once(project):
    prompt = make_prompt(project)
    pair = [make_completion(prompt), make_completion(prompt)]
    create_items(project, rows=((prompt, pair) for _ in range(MUCH)))
    assert Item.objects.count() == MUCH
    if connection.vendor == "postgresql":
        assert believed("annotation_item") >= MUCH
        assert believed("annotation_itemcompletion") >= 2 * MUCH
