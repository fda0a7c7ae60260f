"""A site in processes of its own, on the database of this test: workers and bell that may be killed at any moment."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

from training.models import Run

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 180  # an engine loads torch, on a machine that may be busy


class Site:
    """`start("cpu")` starts a worker on that queue, `start("light", bell=True)` one that also rings."""

    def __init__(self, home: Path, broker_url: str):
        self.home = home
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PLUMBLINE_HOME": str(home),
            "DATABASE_URL": database_url(),
            "CELERY_BROKER_URL": broker_url,
        }
        self.workers: dict[str, subprocess.Popen] = {}

    def start(self, queue: str, *, bell: bool = False, name: str | None = None) -> str:
        name = name or queue
        command = [sys.executable, "-m", "celery", "-A", "alignment_site", "worker", "-Q", queue, "-P", "solo"]
        command += ["-n", f"{name}@fault", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        command += ["-B", "-s", str(self.home / "beat")] if bell else []
        with open(self.home / f"{name}.log", "ab") as log:
            self.workers[name] = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        return name

    def kill(self, name: str) -> None:
        """SIGKILL to the worker's own process: what it started is left to itself."""
        process = self.workers.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)

    def freeze(self, name: str) -> None:
        """As if its machine hung: it neither beats nor dies, and what it started goes on."""
        os.kill(self.workers[name].pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        os.kill(self.workers[name].pid, signal.SIGCONT)

    def end(self) -> None:
        for process in self.workers.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)
        self.workers.clear()

    def logs(self) -> str:
        """The ends of all logs, for the message of a test that failed."""
        files = [*self.home.glob("*.log"), *self.home.glob("runs/*/engine.log")]
        return "\n".join(f"== {file.name}\n{file.read_text()[-3000:]}" for file in files)


def database_url() -> str:
    """This test's database, as a process of its own opens it."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    password = f":{settings['PASSWORD']}" if settings["PASSWORD"] else ""
    return f"postgres://{settings['USER']}{password}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for(site: Site, run: Run, true, *, seconds: float = PATIENCE_SECONDS, what: str = "it") -> Run:
    """Until `true(run)`, looking at the row; fails with the logs."""
    deadline = time.monotonic() + seconds
    while True:
        run.refresh_from_db()
        if true(run):
            return run
        assert time.monotonic() < deadline, f"{what} did not happen: {run.state} at {run.step}\n{site.logs()}"
        time.sleep(0.05)
