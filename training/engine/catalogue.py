"""Makes catalogue.json: what forms, method pages and the spec check know of methods (docs/run-directory.md).

Generated from the recipes, committed, and checked for freshness by a test, so that nothing outside the engine needs
torch to know a method.
"""

import json
from typing import Any

from training.engine import metrics, panels, registry, settings, verifiers
from training.engine.mathml import mathml
from training.engine.recipe import Recipe
from training.engine.training_settings import TrainingSettings


def catalogue() -> dict[str, Any]:
    return {
        "training": settings.describe(TrainingSettings),
        "metrics": metrics.vocabulary(),
        "groups": panels.panels(),
        "verifiers": [
            {
                "name": verifier.NAME,
                "title": verifier.TITLE,
                "help": verifier.HELP,
                "options": verifiers.options(verifier),
            }
            for verifier in registry.verifiers().values()
        ],
        "methods": [entry(recipe) for recipe in registry.recipes().values()],
    }


def entry(recipe: Recipe) -> dict[str, Any]:
    """One method as pages see it."""
    card = recipe.card
    rows = [row for row in settings.describe(recipe.algorithm) if row["name"] not in recipe.fixed]
    drawn = [panel for panel in panels.panels() if panel["key"] in recipe.panels]
    return {
        "name": recipe.name,
        "title": card.title,
        "family": card.family,
        "data": recipe.data,
        "prompts": recipe.prompts,
        "needs": {"reference": recipe.reference, "rewards": "some" if recipe.rewards else "none"},
        "produces": recipe.produces,
        "summary": card.summary,
        "formula": card.formula,
        "mathml": mathml(card.tex),
        "source": card.source,
        "departs": card.departs,
        "when": list(card.when),
        "when_not": list(card.when_not),
        "settings": rows,
        "presets": {name: dict(preset) for name, preset in recipe.presets.items()},
        "metrics": sorted({line["key"] for panel in drawn for line in panel["lines"]}),
        "panels": list(recipe.panels),
    }


def text() -> str:
    """The file's exact content."""
    return json.dumps(catalogue(), ensure_ascii=False, indent=1) + "\n"
