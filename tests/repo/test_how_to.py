"""What the how-to pages say works: the example method runs, the names they use are there."""

import importlib.util
import re
import xml.etree.ElementTree as ElementTree

import pytest
import torch

from tests.engine import test_laws as laws
from tests.repo import tree
from training.engine import batches, catalogue, metrics

LAWS = [
    laws.test_finite_scalar_loss_and_a_gradient_for_each_log_probability,
    laws.test_metrics_carry_no_gradient_and_are_in_the_vocabulary,
    laws.test_padding_changes_neither_loss_nor_gradient,
    laws.test_the_gradient_raises_what_is_preferred,
]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    """The recipe of docs/how-to-add-a-method.md, from the page's own text."""
    [code] = re.findall(r"```python\n(.*?)```", tree.text("docs/how-to-add-a-method.md"), re.DOTALL)
    path = tmp_path_factory.mktemp("how-to") / "ipo.py"
    path.write_text(code)
    loaded = importlib.util.spec_from_file_location("how_to_ipo", path)
    module = importlib.util.module_from_spec(loaded)
    loaded.loader.exec_module(module)
    return module.RECIPE


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_example_method_keeps_the_laws(recipe, law):
    law(recipe)


def test_the_example_has_a_card_that_can_be_shown(recipe):
    entry = catalogue.entry(recipe)
    ElementTree.fromstring(entry["mathml"])
    assert set(entry["panels"]) <= {panel["key"] for panel in catalogue.catalogue()["groups"]}


def test_the_examples_loss_is_nought_at_its_target(recipe):
    # Margin 1 / (2 tau) = 5 at tau = 0.1: the square is nought there, and 25 where policy and reference agree.
    def pairs(margin):
        one = torch.ones(2, 1)
        chosen, rejected = (batches.Completions(-value * one, one) for value in (1.0, 1.0 + margin))
        return batches.Pairs(chosen, rejected, torch.full((2,), -1.0), torch.full((2,), -1.0), torch.ones(2))

    for margin, expected in ((5.0, 0.0), (0.0, 25.0)):
        loss, _ = recipe.algorithm().loss(pairs(margin), batches.Window(rows=2.0))
        assert float(loss) == pytest.approx(expected)


def test_every_file_that_the_pages_name_is_there():
    known = set(tree.files())
    for page in ("a-method", "a-metric", "an-interface"):
        text = tree.text(f"docs/how-to-add-{page}.md")
        named = re.findall(r"`((?:training|evaluation|annotation|tests|templates)/[\w/.-]+)`", text)
        assert named
        for name in named:
            assert name in known or any(other.startswith(name) for other in known), name


def test_a_new_metric_is_made_as_the_page_says():
    made = metrics._metric("length", "completions/median_length", "tokens", None, "Median completion length.")
    assert made.group == "length"


def test_the_tutorial_names_what_is_on_the_pages():
    """Whatever it prints in italics (buttons, links, fields) stands in a template, a form or a filter's title."""
    said = [name for name in tree.files() if name.endswith(".html") or (name.endswith(".py") and "form" in name)]
    pages = "\n".join(tree.text(name) for name in [*said, "annotation/snapshot_filters.py"])
    named = set(re.findall(r"\*([A-Z][^*]+?)\*", re.sub(r"\s+", " ", tree.text("docs/tutorial.md"))))
    assert len(named) > 15
    assert sorted(words for words in named if words not in pages) == ["Orchard assistant"]  # the demo's project
