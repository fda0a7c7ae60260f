"""The committed catalogue is fresh, complete and speaks the metric vocabulary."""

import xml.etree.ElementTree as ElementTree

import pytest

from training.engine import catalogue, metrics, registry, settings, spec
from training.engine.mathml import mathml

RECIPES = registry.recipes().values()


def test_fresh():
    assert spec.CATALOGUE.read_text(encoding="utf-8") == catalogue.text(), "run make catalogue"


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_entry(recipe):
    entry = catalogue.entry(recipe)
    ElementTree.fromstring(entry["mathml"])
    for text in ("title", "family", "summary", "formula", "source", "departs"):
        assert entry[text], text
    assert entry["when"]
    assert entry["when_not"]
    assert "tiny" in entry["presets"]
    groups = {panel["key"] for panel in catalogue.catalogue()["groups"]}
    assert set(entry["panels"]) <= groups


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_settings_explain_themselves(recipe):
    for row in settings.describe(recipe.algorithm):
        assert row["help"].endswith("."), row["name"]
        assert settings.problem_of(row, row["default"]) is None, row["name"]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_presets_are_valid(recipe):
    from training.engine.training_settings import TrainingSettings

    for preset in recipe.presets.values():
        for cls, values in ((recipe.algorithm, preset["settings"]), (TrainingSettings, preset["training"])):
            assert settings.checked(settings.describe(cls), values, "x")[1] == []


def test_every_line_of_a_panel_is_in_the_vocabulary():
    for panel in catalogue.catalogue()["groups"]:
        for line in panel["lines"]:
            metrics.metric(line["key"].replace("<name>", "some"))


def test_every_metric_has_a_panel_but_rows():
    groups = {panel["key"] for panel in catalogue.catalogue()["groups"]}
    assert {metric.group for metric in metrics.METRICS} - groups == {"rows"}


def test_unknown_metric_raises():
    with pytest.raises(KeyError, match="vocabulary"):
        metrics.metric("rewards/mean")
    assert metrics.metric("eval_rewards/exact/mean").key == "rewards/<name>/mean"


@pytest.mark.parametrize("tex", [r"\frac{a}", r"\nothing", "_a", "{a", r"\op x"])
def test_formula_slips_are_errors(tex):
    with pytest.raises((ValueError, IndexError)):
        mathml(tex)
