"""The ways to label, one module each. Adding one is a module here, its templates and script, and its line below.

What a module says is written in docs/how-to-add-an-interface.md; `read_answer` (answers.py) is the frame around all.
"""

from types import ModuleType

from annotation.interfaces import chat, demonstration, edit, likert, pairwise, ranking, rubric, steps, thumbs

_ALL = (pairwise, ranking, thumbs, likert, rubric, steps, demonstration, edit, chat)
INTERFACES: dict[str, ModuleType] = {module.NAME: module for module in _ALL}


def interface(name: str) -> ModuleType:
    """The module of the interface `name`. Raises KeyError with the names there are."""
    if name not in INTERFACES:
        raise KeyError(f"no interface {name!r}; there are {', '.join(INTERFACES)}")
    return INTERFACES[name]
