"""Programs that check an answer, one file each: NAME, TITLE, HELP, and `check(completion, reference)` giving 0 to 1.

A check raises on a reference it cannot use; it never turns trouble into a zero. Needs no torch. What a rubric's item
may set are keyword-only arguments with a type and a default; OPTIONS says in a sentence what each means.
"""

import functools
import importlib
import inspect
import pkgutil
from types import ModuleType


@functools.cache
def by_name() -> dict[str, ModuleType]:
    """Every verifier module by its name."""
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    return {module.NAME: module for module in sorted(modules, key=lambda module: module.NAME)}


def options(module: ModuleType) -> list[dict]:
    """What can be set: name, type, default and meaning of each keyword-only argument of `check`."""
    asked = inspect.signature(module.check, eval_str=True).parameters.values()
    return [
        {
            "name": argument.name,
            "type": argument.annotation.__name__,
            "default": argument.default,
            "help": module.OPTIONS[argument.name],
        }
        for argument in asked
        if argument.kind is argument.KEYWORD_ONLY
    ]
