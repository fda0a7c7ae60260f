"""Finds recipes and verifiers by looking through their folders: a new one is a new file and nothing else."""

import functools
import importlib
import pkgutil
from types import ModuleType

from training.engine import verifiers as verifier_modules
from training.engine.recipe import Recipe


def _modules(package: str) -> list[ModuleType]:
    home = importlib.import_module(package)
    names = sorted(info.name for info in pkgutil.iter_modules(home.__path__))
    return [importlib.import_module(f"{package}.{name}") for name in names]


@functools.cache
def recipes() -> dict[str, Recipe]:
    """Every launchable recipe by name, families together in the order people meet them."""
    found = {}
    for module in _modules("training.engine.algorithms") + _modules("training.engine.recipes"):
        recipe = module.RECIPE
        if recipe.name in found:
            raise ValueError(f"two recipes are called {recipe.name}")
        found[recipe.name] = recipe
    return found


def recipe(name: str) -> Recipe:
    return recipes()[name]


def verifiers() -> dict[str, ModuleType]:
    """Every verifier module by name: NAME, TITLE, HELP and check(completion, reference)."""
    return verifier_modules.by_name()
