"""Every model of the app."""

from evaluation.models.comparison import Comparison, CompletionScore, Entry

__all__ = ["Comparison", "CompletionScore", "Entry"]
