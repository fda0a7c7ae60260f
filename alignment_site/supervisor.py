"""Everything of one machine in one process tree: `python -m alignment_site.supervisor` is what `make demo` runs.

Prepares the home (database, static files, demo), starts web, two workers and beat, says the address when a page was
really answered, starts again what dies, and ends all of it on Ctrl-C or SIGTERM. Standard library only.

Environment: PORT (8000), PLUMBLINE_HOST (127.0.0.1), PLUMBLINE_HOME, PLUMBLINE_DEMO_PASSWORD.
"""

import contextlib
import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from alignment_site.processes import Child, die_with, end_all

BASE = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 12  # an engine that was asked to stop finishes its step
READY_SECONDS = 60


class CannotStart(Exception):
    """What stands in the way, and how to mend it."""


class Supervisor:
    """The tree and its life: prepare, start, watch, end."""

    def __init__(self, *, home: Path, host: str, port: int):
        self.home, self.host, self.port = home, host, port
        self.ending = 0  # how often somebody asked
        self.preparing: subprocess.Popen | None = None
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "alignment_site.settings",
            "PLUMBLINE_HOME": str(home),
            "PLUMBLINE_DEMO": "1",
            "PYTHONUNBUFFERED": "1",
        }
        self.children = [self._child(name, command) for name, command in self._programs().items()]

    def _programs(self) -> dict[str, list[str]]:
        celery = [sys.executable, "-m", "celery", "-A", "alignment_site"]
        quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        return {
            "web": [
                *(sys.executable, "-m", "gunicorn", "alignment_site.wsgi:application"),
                *("--bind", f"{self.host}:{self.port}", "--workers", "2", "--threads", "8"),
                *("--keep-alive", "75"),  # clients that pause three seconds would meet a closing socket
                "--no-control-socket",  # it would lie in the user's home, one for all
            ],
            "worker-light": [
                *celery,
                "worker",
                "-Q",
                "light,sample",
                "-n",
                "light@%h",
                "-P",
                "threads",
                "-c",
                "4",
                *quiet,
            ],
            "worker-runs": [*celery, "worker", "-Q", "cpu,gpu", "-n", "runs@%h", "-P", "threads", "-c", "1", *quiet],
            "beat": [*celery, "beat", "--pidfile="],
        }

    def _child(self, name: str, command: list[str]) -> Child:
        log = self.home / "logs" / f"{name}.log"
        return Child(name, command, log=log, folder=BASE, environment=self.environment, say=say)

    def run(self) -> int:
        """Until somebody ends it. Returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)
        with self._only_one():
            self._refuse_taken_port()
            self._prepare()
            try:
                self._start()
                self._watch()
            finally:
                self._end()
        return 0

    def _asked(self, *_signal) -> None:
        self.ending += 1
        if self.preparing is not None:
            self.preparing.terminate()

    @contextlib.contextmanager
    def _only_one(self):
        """Two trees on one home would both take the queue's messages."""
        self.home.mkdir(parents=True, exist_ok=True)
        with open(self.home / "supervisor.lock", "a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStart(
                    f"Plumbline already runs on {self.home}. End that one first, or choose another folder: "
                    "PLUMBLINE_HOME=/path/to/folder make demo"
                ) from None
            yield

    def _refuse_taken_port(self) -> None:
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise CannotStart(
                    f"Port {self.port} cannot be used: {os.strerror(error.errno)}. Nothing was started. "
                    f"Choose another one: make demo PORT={self.port + 1 if self.port < 65535 else 8000}"
                ) from None

    def _prepare(self) -> None:
        self._manage("migrate", "--noinput")
        stamp, now = self.home / "static.sha256", static_digest()
        if not stamp.exists() or stamp.read_text() != now or not (self.home / "static").is_dir():
            self._manage("collectstatic", "--noinput", "--clear")
            stamp.write_text(now)
        self._manage("demo", shown=True)

    def _manage(self, *arguments: str, shown: bool = False) -> None:
        """One management command. Its words are shown when it fails, or when they are for people."""
        if self.ending:
            return
        self.preparing = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, str(BASE / "manage.py"), *arguments],
            env=self.environment | {"PLUMBLINE_LOG_LEVEL": "ERROR"},
            stdout=None if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.STDOUT,
            text=True,
            preexec_fn=die_with(os.getpid()),
        )
        output, _ = self.preparing.communicate()
        code, self.preparing = self.preparing.returncode, None
        if code and not self.ending:
            raise CannotStart(f"{output or ''}`manage.py {' '.join(arguments)}` failed; nothing was started.")

    def _start(self) -> None:
        for child in self.children:
            if not self.ending:
                child.start()
        deadline = time.monotonic() + READY_SECONDS
        web = self.children[0]
        while not self.ending:
            if self._answers():
                say(
                    f"Plumbline is ready: {self.address}  (sign-ins: {self.home / 'demo-sign-ins.txt'}; Ctrl-C ends it)"
                )
                return
            if not web.alive or time.monotonic() > deadline:
                raise CannotStart(f"{web.last_lines()}\nThe web server did not answer. Its log: {web.log}")
            time.sleep(0.05)

    @property
    def address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else host}:{self.port}/"  # noqa: S104 (compared, not bound)

    def _answers(self) -> bool:
        """Whether a page comes from the process we started, database and all."""
        try:
            with urllib.request.urlopen(f"{self.address}healthz", timeout=5) as response:  # noqa: S310 (http, ours)
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _watch(self) -> None:
        while not self.ending:
            for child in self.children:
                child.tick()
            time.sleep(0.2)

    def _end(self) -> None:
        asked = self.ending
        killed = end_all(self.children, patience_seconds=PATIENCE_SECONDS, hurried=lambda: self.ending > asked)
        if killed:
            say(f"Ended, but {', '.join(killed)} had to be killed. Runs go on from their last checkpoint.")
        else:
            say("Ended.")


def static_digest() -> str:
    """Changes when a static file of the project does, or a package that brings some is another version."""
    lines = [
        f"{path.relative_to(BASE)} {path.stat().st_size} {path.stat().st_mtime_ns}"
        for path in sorted((BASE / "static").rglob("*"))
        if path.is_file()
    ]
    lines.append((BASE / "requirements" / "base.txt").read_text())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    home = Path(os.environ.get("PLUMBLINE_HOME") or BASE / ".plumbline").expanduser().resolve()
    try:
        port = int(os.environ.get("PORT") or 8000)
        if not 0 < port < 65536:
            raise ValueError
    except ValueError:
        sys.stderr.write(f"PORT must be a number from 1 to 65535, not {os.environ['PORT']!r}.\n")
        return 2
    try:
        return Supervisor(home=home, host=os.environ.get("PLUMBLINE_HOST") or "127.0.0.1", port=port).run()
    except CannotStart as problem:
        sys.stderr.write(f"{problem}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
