"""Which rows a step holds: a function of seed and step."""

import itertools

import pytest

from training.engine.windows import STRETCH, Windows, split

LENGTHS = tuple((7 * n) % 50 + 1 for n in range(203))


def test_an_epoch_holds_every_row_once():
    windows = Windows(LENGTHS, 8, seed=1)
    assert windows.per_epoch == 26
    seen = list(itertools.chain.from_iterable(windows.at(step) for step in range(26)))
    assert sorted(seen) == list(range(203))


def test_epochs_differ_and_seeds_differ_and_steps_repeat():
    windows = Windows(LENGTHS, 8, seed=1)
    assert [windows.at(step) for step in range(26)] != [windows.at(step + 26) for step in range(26)]
    assert windows.at(3) != Windows(LENGTHS, 8, seed=2).at(3)
    assert windows.at(30) == Windows(LENGTHS, 8, seed=1).at(30)


def test_rows_of_like_length_meet():
    windows = Windows(LENGTHS, 8, seed=1)
    spans = [max(part) - min(part) for part in ([LENGTHS[row] for row in windows.at(step)] for step in range(20))]
    assert sum(spans) / len(spans) < 50 / STRETCH * 2


@pytest.mark.parametrize(("size", "counts"), [(8, [8]), (4, [4, 4]), (3, [3, 3, 2])])
def test_cutting_keeps_the_rows(size, counts):
    parts = split(list(range(8)), size)
    assert [len(part) for part in parts] == counts
    assert list(itertools.chain.from_iterable(parts)) == list(range(8))


def test_fewer_rows_than_a_window():
    windows = Windows((3, 1, 2), 8, seed=0)
    assert windows.per_epoch == 1
    assert windows.at(0) == [0, 2, 1]
