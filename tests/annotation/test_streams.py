"""Answers on their way: what is appended is read back, row by row, and half a line is not yet there."""

import threading

from annotation.streams import Partial, Stream, partials


def test_rows_grow_beside_each_other(tmp_path):
    path = tmp_path / "deep" / "stream.jsonl"
    with Stream(path) as stream:
        for row in (1, 2):
            stream.begin(row)
        stream.add(1, "Well, ")
        stream.add(2, "No\n")
        stream.add(1, "yes “indeed”.")
        stream.end(1)
    assert partials(path) == {1: Partial("Well, yes “indeed”.", ended=True), 2: Partial("No\n")}


def test_a_new_attempt_forgets_the_old_one(tmp_path):
    path = tmp_path / "stream.jsonl"
    for text in ("broken o", "whole"):
        with Stream(path) as stream:
            stream.begin(1)
            stream.add(1, text)
    assert partials(path)[1].text == "whole"


def test_half_a_line_waits_for_its_end(tmp_path):
    path = tmp_path / "stream.jsonl"
    path.write_text('{"id": 1, "text": "a"}\n{"id": 1, "te')
    assert partials(path)[1].text == "a"


def test_nothing_there(tmp_path):
    assert partials(tmp_path / "none") == {}


def test_threads_write_whole_lines_and_one_that_outlives_the_stream_is_ignored(tmp_path):
    path = tmp_path / "stream.jsonl"
    with Stream(path) as stream:
        threads = [
            threading.Thread(target=lambda row=row: [stream.add(row, "word ") for _ in range(200)]) for row in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    stream.add(0, "late")
    assert {row: partial.text for row, partial in partials(path).items()} == dict.fromkeys(range(4), "word " * 200)
