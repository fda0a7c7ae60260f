"""A recipe: something a person can launch. An algorithm with its machinery, and the card that explains it.

An algorithm's file ends with the recipe of its own name; a file in recipes/ varies another one (other settings, another
reference rule, another source of reward). Both are found by scanning, so a new method is one new file.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Card:
    """What the catalogue tells people. `formula` is plain text, `tex` the same in the small TeX of mathml.py."""

    title: str
    family: str
    summary: str
    formula: str
    tex: str
    source: str
    departs: str
    when: tuple[str, ...]
    when_not: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Recipe:
    name: str
    algorithm: type  # the settings dataclass with the equation
    loop: str  # a module of loops/
    data: str  # a snapshot format
    card: Card
    panels: tuple[str, ...]  # groups of metrics.py, the two most important first
    presets: Mapping[str, Mapping[str, Any]]
    reference: bool = False
    rewards: bool = False
    produces: str = "policy"
    prompts: bool = False
    fixed: Mapping[str, Any] = dataclasses.field(default_factory=dict)  # settings a variation pins
