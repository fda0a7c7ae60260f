"""The ways to label, one module each. Adding one is a module here, its template and its line below.

A module says its NAME, TITLE, TEMPLATE and how many COMPLETIONS it takes; its SKIP_REASONS and FLAG_REASONS; reads an
answer (`read`), turns it from shown into true order (`strength`, `shown_value`, `true_value`), puts it in words
(`sentence`) and says which snapshot formats it can become rows of (`yields`).
"""

from types import ModuleType

from annotation.interfaces import pairwise

INTERFACES: dict[str, ModuleType] = {module.NAME: module for module in (pairwise,)}


def interface(name: str) -> ModuleType:
    """The module of the interface `name`. Raises KeyError with the names there are."""
    if name not in INTERFACES:
        raise KeyError(f"no interface {name!r}; there are {', '.join(INTERFACES)}")
    return INTERFACES[name]
