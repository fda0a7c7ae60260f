"""The run directory on disk: its lock, its fencing token, its stop file (docs/run-directory.md). Needs no torch."""

import contextlib
import ctypes
import fcntl
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from training.engine.errors import Superseded

LOCK_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


class RunDirectory:
    def __init__(self, path: Path, attempt: str | None = None):
        self.path = Path(path).resolve()
        self.spec = self.path / "spec.json"
        self.events = self.path / "events.jsonl"
        self.checkpoints = self.path / "checkpoints"
        self.cache = self.path / "cache"
        self.attempt_file = self.path / "attempt"
        self.attempt = attempt or self._token()
        self.asked_to_pause = False

    @contextlib.contextmanager
    def locked(self, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Held by the one living engine. An older one that lost its worker leaves at its next step: wait for it."""
        with (self.path / "lock").open("a") as file:
            give_up = time.monotonic() + seconds
            while True:
                self.still_mine()
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > give_up:
                        raise Superseded(f"another engine holds {self.path}") from None
                    time.sleep(0.1)
            yield

    def still_mine(self) -> None:
        """Raises when a newer attempt has taken the run over."""
        if self._token() != self.attempt:
            raise Superseded(f"attempt {self.attempt} of {self.path} is no longer the one that may write")

    def stop_wanted(self) -> str | None:
        """`stopped` or `paused` when somebody asked the run to end, else None."""
        with contextlib.suppress(FileNotFoundError):
            return "paused" if (self.path / "stop").read_text().strip() == "pause" else "stopped"
        return "paused" if self.asked_to_pause else None

    @contextlib.contextmanager
    def pausing_on_sigterm(self) -> Iterator[None]:
        """A machine that shuts down says SIGTERM: keep the work and go on another day."""

        def asked(_signal, _frame):
            self.asked_to_pause = True

        before = signal.signal(signal.SIGTERM, asked)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def _token(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return self.attempt_file.read_text().strip()
        return ""


def die_with_parent() -> None:
    """A killed worker must not leave an engine behind: the kernel kills this process when its parent is gone."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
