"""How runs are spoken of: states, durations, sizes. Pure."""

from training.states import RunState

# state: (how it is coloured, icon, word)
PILLS = {
    RunState.QUEUED: ("", "queued", "Queued"),
    RunState.STARTING: ("running", "running", "Starting"),
    RunState.RUNNING: ("running", "running", "Running"),
    RunState.PAUSING: ("running", "pause", "Pausing"),
    RunState.PAUSED: ("", "pause", "Paused"),
    RunState.STOPPING: ("running", "stop", "Stopping"),
    RunState.STOPPED: ("", "stop", "Stopped"),
    RunState.SUCCEEDED: ("ok", "check", "Finished"),
    RunState.FAILED: ("bad", "x", "Failed"),
}

FAILURES = {
    "spec": "The run could not start: its settings do not fit together",
    "data": "The run could not start: its data cannot be used",
    "model": "The model cannot be loaded",
    "memory": "Out of memory",
    "disk": "The disk is full",
    "not_a_number": "The loss is not a number",
    "reward": "A reward source failed",
    "crash": "The engine died again and again",
    "bug": "The engine stopped on an error of its own",
}


def duration(seconds: float | None) -> str:
    """90 s, 3 min, 1 h 12 min, 2 d 4 h."""
    if seconds is None:
        return "–"
    seconds = max(0, round(seconds))
    if seconds < 120:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return f"{minutes} min"
    if hours < 24:
        return f"{hours} h {minutes % 60} min"
    return f"{days} d {hours % 24} h"


def scaled(value: float | None, *, base: int = 1000) -> tuple[str, str]:
    """A number and its prefix: (48.6, M)."""
    if value is None:
        return "–", ""
    for prefix in ("", "k", "M", "G", "T"):
        if abs(value) < base or prefix == "T":
            break
        value /= base
    digits = 0 if not prefix or abs(value) >= 100 else 1
    return f"{value:,.{digits}f}", prefix


def size(count: float | None) -> tuple[str, str]:
    """Bytes as (61.4, GB)."""
    number, prefix = scaled(count)
    return number, f"{prefix}B" if count is not None else ""


def short(value) -> str:
    """A metric's value with as many digits as it deserves."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return "–" if value is None else str(value)
    if number != number or number in (float("inf"), float("-inf")):
        return "not a number" if number != number else ("∞" if number > 0 else "−∞")
    size = abs(number)
    if number == int(number) and size < 1e6:
        return f"{int(number):,}".replace("-", "−")
    text = f"{number:.1e}" if size and (size < 1e-3 or size >= 1e6) else f"{number:,.{_digits(size)}f}"
    return text.replace("-", "−")


def _digits(size: float) -> int:
    if size >= 100:
        return 0
    if size >= 10:
        return 1
    return 2 if size >= 0.1 else 4
