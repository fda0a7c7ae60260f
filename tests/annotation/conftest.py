"""What tests of labelling share."""

import pytest

from annotation.models import Rater, Source
from tests.annotation.bench import open_bench
from tests.factories import make_judgment, make_pair_item, make_prompt, make_rater, make_source


@pytest.fixture
def pairs(project):
    """Thirty pairs whose texts say which completion they are."""
    for number in range(30):
        prompt = make_prompt(project, f"Question {number}?")
        make_pair_item(project, f"first of {number}", f"second of {number}", prompt=prompt)


@pytest.fixture
def bench(visit, bob, pairs):
    return open_bench(visit, bob)


@pytest.fixture
def writer(project):
    return make_source(project, kind=Source.Kind.MODEL, key="checkpoint:x", name="tiny")


@pytest.fixture
def judged_pairs(project):
    """Forty pairs; three people prefer the shorter answer, which is the first of every even one."""
    people = [make_rater(project, name=f"person {n}", kind=Rater.Kind.IMPORTED) for n in range(3)]
    items = []
    for number in range(40):
        texts = ["short", "a much longer answer"]
        first, second = texts if number % 2 == 0 else reversed(texts)
        items.append(make_pair_item(project, first, second, overlap=4))
        for person in people:
            make_judgment(items[-1], rater=person, strength=1 if number % 2 == 0 else -1, scale=3)
    return items
