"""One child process of the supervisor: started, watched, started again when it dies, ended. Standard library only.

A child is the leader of its own process group, so that Ctrl-C in a terminal reaches it once, from the supervisor;
and it dies with the supervisor, whatever kills that (on Linux, by PDEATHSIG).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

LOG_BYTES = 5 * 1024 * 1024
STEADY_SECONDS = 30  # a child that lived this long starts again at once
LONGEST_PAUSE_SECONDS = 30
PR_SET_PDEATHSIG = 1


def die_with(parent: int):
    """What a child runs before it becomes its program: from then on it dies when `parent` does."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def arrange() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died in between
                os._exit(1)

    return arrange


class Child:
    """A program with a name and a log. `tick` starts it again when it has died."""

    def __init__(
        self, name: str, command: list[str], *, log: Path, folder: Path, environment: dict[str, str], say=print
    ):
        self.name, self.command, self.log, self.folder = name, command, log, folder
        self.environment, self.say = environment, say
        self.process: subprocess.Popen | None = None
        self.started_at = 0.0
        self.deaths = 0  # in a row, without a steady stretch between them
        self.start_again_at: float | None = None

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".1.log"))
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own programs)
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with(os.getpid()),
            )
        self.started_at = time.monotonic()
        self.start_again_at = None

    def tick(self) -> None:
        """Look after the child once: note its death, start it again after a pause that grows."""
        if self.process is not None and self.process.poll() is not None:
            self._died(self.process.returncode)
        if self.start_again_at is not None and time.monotonic() >= self.start_again_at:
            self.start()

    def _died(self, code: int) -> None:
        self.signal(signal.SIGKILL)  # what it left behind in its group
        self.process = None
        steady = time.monotonic() - self.started_at >= STEADY_SECONDS
        self.deaths = 1 if steady else self.deaths + 1
        pause = 0 if self.deaths == 1 else min(2 ** (self.deaths - 2), LONGEST_PAUSE_SECONDS)
        self.start_again_at = time.monotonic() + pause
        when = f"in {pause} s" if pause else "now"
        self.say(f"{self.name} {how_it_ended(code)}; it is started again {when}. Its log: {self.log}")

    def signal(self, number: int) -> None:
        """Send a signal to the child and everything in its group."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def last_lines(self, count: int = 15) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])
        except OSError:
            return ""


def how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def end_all(children: list[Child], *, patience_seconds: float, hurried=lambda: False) -> list[str]:
    """Ask all to end, then insist. Returns the names of those that had to be killed.

    A Celery worker takes SIGTERM as "when the task is done" and SIGQUIT as "now, and give the task back". `hurried`
    says whether somebody asked a second time.
    """
    for child in children:
        child.signal(signal.SIGTERM)
    start, insisted = time.monotonic(), False
    while any(child.alive for child in children):
        waited = time.monotonic() - start
        if waited > patience_seconds or hurried():
            break
        if waited > patience_seconds / 3 and not insisted:
            insisted = True
            for child in children:
                if child.alive:
                    child.signal(signal.SIGQUIT)
        time.sleep(0.05)
    killed = [child.name for child in children if child.alive]
    for child in children:
        child.signal(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()
    return killed
