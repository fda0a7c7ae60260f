"""Every model of the app."""

from training.models.checkpoint import Checkpoint
from training.models.preparation import Collection, JobState, Preflight
from training.models.run import Alert, MetricChunk, Run, Sample, Worker
from training.models.score import CompletionScore

__all__ = [
    "Alert",
    "Checkpoint",
    "Collection",
    "CompletionScore",
    "JobState",
    "MetricChunk",
    "Preflight",
    "Run",
    "Sample",
    "Worker",
]
