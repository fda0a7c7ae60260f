"""The states of a run and which may follow which. Pure: everything that moves a run asks here."""

from enum import StrEnum


class RunState(StrEnum):
    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


S = RunState

# A worker that vanishes sends a run back to QUEUED: its next attempt goes on from the last checkpoint.
TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    S.QUEUED: frozenset({S.STARTING, S.PAUSED, S.STOPPED}),
    S.STARTING: frozenset({S.RUNNING, S.PAUSING, S.STOPPING, S.SUCCEEDED, S.STOPPED, S.PAUSED, S.FAILED, S.QUEUED}),
    S.RUNNING: frozenset({S.PAUSING, S.STOPPING, S.SUCCEEDED, S.FAILED, S.QUEUED}),
    S.PAUSING: frozenset({S.PAUSED, S.STOPPING, S.SUCCEEDED, S.FAILED, S.QUEUED}),
    S.PAUSED: frozenset({S.QUEUED, S.STOPPED}),
    S.STOPPING: frozenset({S.STOPPED, S.SUCCEEDED, S.FAILED}),
    S.STOPPED: frozenset({S.QUEUED}),
    S.FAILED: frozenset({S.QUEUED}),
    S.SUCCEEDED: frozenset(),
}

HELD = frozenset({S.STARTING, S.RUNNING, S.PAUSING, S.STOPPING})  # a worker has it
LIVE = HELD | {S.QUEUED}
FINAL = frozenset({S.STOPPED, S.SUCCEEDED, S.FAILED})  # may be resumed, but nothing happens by itself


def may_follow(now: str, then: str) -> bool:
    """Whether a run in state `now` may move to `then`."""
    return RunState(then) in TRANSITIONS[RunState(now)]


def sources_of(then: str) -> frozenset[RunState]:
    """The states from which `then` may be reached: what a conditional UPDATE filters on."""
    return frozenset(state for state, following in TRANSITIONS.items() if RunState(then) in following)
