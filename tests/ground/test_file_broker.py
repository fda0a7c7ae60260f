"""Messages in files: whole or not there, each to one reader."""

import json
import threading
from queue import Empty

import pytest
from kombu import Connection

from alignment_site.celery import app


def connect(folder):
    for part in ("queue", "control"):
        (folder / part).mkdir(exist_ok=True)
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
    }
    return Connection("filesystem://", transport_options=options)


def test_celery_uses_it():
    with app.connection_for_write("filesystem://") as connection:
        assert type(connection.transport).__module__ == "alignment_site.file_broker"


def test_a_reader_beside_a_writer_gets_every_message_whole_and_once(tmp_path):
    sent, got, done = 400, [], threading.Event()

    def read():
        with connect(tmp_path) as connection:
            channel = connection.channel()
            while True:
                last_look = done.is_set()
                try:
                    got.append(channel._get("light")["n"])
                except Empty:
                    if last_look:
                        return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    with connect(tmp_path) as connection:
        channel = connection.channel()
        for n in range(sent):
            channel._put("light", {"n": n, "filling": "x" * 5000})
    done.set()
    for reader in readers:
        reader.join(timeout=60)
    assert sorted(got) == list(range(sent))


def test_a_folder_that_is_gone_holds_nothing(tmp_path):
    with connect(tmp_path) as connection:
        channel = connection.channel()
        (tmp_path / "queue").rmdir()
        with pytest.raises(Empty):
            channel._get("light")


def test_a_table_is_never_empty(tmp_path):
    bare, queues = [], [f"q{n}" for n in range(40)]
    with connect(tmp_path) as connection:
        channel = connection.channel()
        for queue in queues:
            channel._queue_bind(f"exchange-{queue}", "key", "", queue)
            bare += [name for name in (tmp_path / "control").iterdir() if not json.loads(name.read_text())]
        channel._queue_bind("exchange-q0", "key", "", "another")
        assert {entry.queue for entry in channel.get_table("exchange-q0")} == {"q0", "another"}
    assert bare == []
    assert not list((tmp_path / "control").glob("*.tmp"))
