"""What tests of labelling share."""

import pytest

from tests.annotation.bench import open_bench
from tests.factories import make_pair_item, make_prompt


@pytest.fixture
def pairs(project):
    """Thirty pairs whose texts say which completion they are."""
    for number in range(30):
        prompt = make_prompt(project, f"Question {number}?")
        make_pair_item(project, f"first of {number}", f"second of {number}", prompt=prompt)


@pytest.fixture
def bench(visit, bob, pairs):
    return open_bench(visit, bob)
