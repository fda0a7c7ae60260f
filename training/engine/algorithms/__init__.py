"""One method, one file: a frozen dataclass of its settings and the equation. Files do not import each other."""
