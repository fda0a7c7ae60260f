"""Celery's signals, tied to the worker's row: begin, leave, end."""

from celery import signals

from training.services import workers


@signals.celeryd_after_setup.connect
def remember(sender, instance, **_):
    remember.queues = list(instance.app.amqp.queues.consume_from)
    remember.name = sender


@signals.worker_ready.connect
def begin(**_):
    workers.begin(remember.name, remember.queues)


@signals.worker_shutting_down.connect
def leave(**_):
    workers.leaving.set()


@signals.worker_shutdown.connect
def end(**_):
    workers.end()
