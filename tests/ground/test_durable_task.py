"""A task goes to the queue it was declared with, whoever wakes it and when."""

import pytest

from alignment_site.celery import app, durable_task


def test_the_declared_queue_is_where_it_goes():
    @durable_task(name="tests.somewhere", queue="gpu")
    def somewhere():
        pass

    try:
        routed = app.amqp.router.route({}, "tests.somewhere", (), {})
        assert routed["queue"].name == "gpu"
        assert app.amqp.router.route({}, "tests.nowhere", (), {})["queue"].name == "light"
        # Said at the wake-up, it counts more than the declaration.
        assert app.amqp.router.route({"queue": "cpu"}, "tests.somewhere", (), {})["queue"].name == "cpu"
    finally:
        app.tasks.pop("tests.somewhere", None)


def test_an_unknown_queue_is_refused_at_once():
    with pytest.raises(ValueError, match="no queue 'slow'"):
        durable_task(name="tests.slow", queue="slow")
