"""`train`: one attempt at a run directory, from lock to last event. Every failure becomes an event that helps."""

import errno
import sys
import traceback
from pathlib import Path

import torch

from training.engine import spec
from training.engine.errors import EngineError, Superseded
from training.engine.events import EventWriter
from training.engine.rundir import RunDirectory
from training.engine.session import Session

FINISHED, FAILED, SUPERSEDED = 0, 1, 3


def train(path: Path, attempt: str | None = None) -> int:
    """The exit code: 0 a `finished` event was written, 1 a `failed` one, 3 nothing, for the run is somebody else's."""
    directory = RunDirectory(path, attempt)
    try:
        with directory.pausing_on_sigterm(), directory.locked():
            return _attempt(directory)
    except Superseded as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201  standard error is engine.log
        return SUPERSEDED


def _attempt(directory: RunDirectory) -> int:
    writer = EventWriter(directory.events)
    try:
        if writer.last and writer.last["type"] == "finished" and writer.last["outcome"] == "succeeded":
            return FINISHED  # delivered twice
        Session(directory, writer, spec.read(directory.spec)).run()
        return FINISHED
    except Superseded:
        raise
    except Exception as error:
        traceback.print_exc()
        failure = failure_of(error)
        writer.write("failed", kind=failure.kind, message=failure.message, problems=failure.problems)
        writer.sync()
        return FAILED
    finally:
        writer.close()


def failure_of(error: Exception) -> EngineError:
    """What went wrong, for people."""
    if isinstance(error, EngineError):
        return error
    if isinstance(error, spec.SpecError):
        return EngineError("spec", f"The run's settings cannot be used: {error}.", error.problems)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EngineError("disk", "The disk is full. Make room and resume: the run goes on from its last checkpoint.")
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error):
        return EngineError(
            "memory",
            "Memory ran out. Halve per_device_train_batch_size and double gradient_accumulation_steps (the result "
            "stays the same), or lower max_length.",
        )
    return EngineError("bug", f"The engine met a bug: {type(error).__name__}: {error}. engine.log has the trace.")
