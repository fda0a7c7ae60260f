"""Every model of the app."""

from training.models.checkpoint import Checkpoint
from training.models.run import Alert, MetricChunk, Run, Sample, Worker

__all__ = ["Alert", "Checkpoint", "MetricChunk", "Run", "Sample", "Worker"]
