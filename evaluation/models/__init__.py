"""Every model of the app."""

from evaluation.models.comparison import Comparison, Entry, Opening

__all__ = ["Comparison", "Entry", "Opening"]
