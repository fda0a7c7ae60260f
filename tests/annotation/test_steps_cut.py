"""Where a text is cut into steps: nothing is lost, nothing that belongs together is torn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.steps_cut import MOST, RULES, bare, cut, ends, sliced

SOLUTION = "Let me see.\n1. First, 3.5 kg. So e.g. x.\n2) Then.\n\nStep 3: done. The answer is 12."
TEXTS = st.one_of(st.text(max_size=200), st.text(alphabet="ab .\n1)2$`S!?A~\\[]。-", max_size=80))


@given(TEXTS, st.sampled_from(list(RULES)), st.sampled_from(["", "\n", "a", "ки"]))
def test_joining_the_steps_gives_the_text_back(text, rule, mark):
    steps = cut(text, rule, mark)
    assert "".join(steps) == text
    assert all(step.strip() for step in steps) or len(steps) == 1
    assert list(sliced(text, ends(text, rule, mark))) == steps


@pytest.mark.parametrize(
    ("rule", "begin"),
    [
        ("numbered", ["Let", "1. First", "2) Then", "Step 3"]),
        ("blank", ["Let", "Step 3"]),
        ("line", ["Let", "1. First", "2) Then", "Step 3"]),
        ("sentence", ["Let", "1. First", "So e.g. x.", "2) Then", "Step 3", "The answer"]),
        ("mark", ["Let", " First"]),
    ],
)
def test_every_rule_cuts_where_it_says(rule, begin):
    steps = cut(SOLUTION, rule, "1.")
    assert len(steps) == len(begin)
    assert all(step.startswith(start) for step, start in zip(steps, begin, strict=True)), steps


@pytest.mark.parametrize(
    "whole",
    [
        "```\n1. a\n\n2. b\n```\n",
        "$$\n1. a\n\n2. b\n$$\n",
        "\\[\n1. A.\n\nB\n\\]\n",
        "\\begin{align}\n1. a\n\n2. b\n\\end{align}\n",
    ],
)
@pytest.mark.parametrize("rule", ["numbered", "line", "blank", "sentence"])
def test_fences_and_formulas_stay_whole(whole, rule):
    assert len(cut(whole + "\n3. C", rule)) == 2


def test_a_text_without_numbers_is_cut_at_its_lines():
    assert cut("one\ntwo", "numbered") == ["one\n", "two"]


def test_a_bare_step_has_neither_space_nor_mark():
    assert bare("\n 2 + 2 = 4 ки\n", "ки") == "2 + 2 = 4"


def test_what_has_no_end_of_steps_ends_all_the_same():
    assert len(cut("x\n" * 1000, "line")) == MOST
    assert cut("", "line") == []
