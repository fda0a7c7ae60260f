"""PostgreSQL and Redis servers that a test owns: on free ports, in its own folder, free to be killed."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def wait_until(true: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS, what: str = "it") -> None:
    """Waits for something that happens in another process."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.02)


class Server:
    """A process in the foreground that answers on a port. `stop` asks, `kill` does not."""

    start_seconds = PATIENCE_SECONDS

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        log = open(self.folder / "server.log", "ab")  # noqa: SIM115 (the child keeps it)
        self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, start_new_session=True)
        log.close()
        wait_until(self.ready, seconds=self.start_seconds, what=f"{type(self).__name__} answering on port {self.port}")

    def ready(self) -> bool:
        return answers("127.0.0.1", self.port)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        self.process.wait(PATIENCE_SECONDS)
        self.process = None


class Redis(Server):
    """Append-only, so that what it accepted is there again after `stop` and `start`."""

    def command(self) -> list[str]:
        program = redis_program() or "redis-server"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""]
        return [program, *options, "--appendonly", "yes", "--appendfsync", "always"]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


class Postgres(Server):
    """A cluster made by initdb. PostgreSQL refuses to run as root, so root runs it as the user `postgres`."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.data = folder / "cluster"
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            for parent in folder.parents:  # a way in: pytest makes its folders 0700
                if parent.stat().st_uid == 0 and parent != Path("/"):
                    parent.chmod(parent.stat().st_mode | 0o011)
        command = self.as_owner(postgres_program("initdb") or "initdb", "-D", str(self.data))
        subprocess.run([*command, "-U", "postgres", "-A", "trust", "--no-sync"], check=True, capture_output=True)

    def as_owner(self, *command: str) -> list[str]:
        if os.geteuid() != 0:
            return list(command)
        return [
            shutil.which("setpriv") or "setpriv",
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
            *command,
        ]

    def command(self) -> list[str]:
        options = ["-D", str(self.data), "-p", str(self.port), "-k", "", "-c", "listen_addresses=127.0.0.1"]
        return self.as_owner(postgres_program("postgres") or "postgres", *options)

    def ready(self) -> bool:
        program = postgres_program("pg_isready") or "pg_isready"
        asked = subprocess.run([program, "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False)
        return asked.returncode == 0

    def stop(self) -> None:
        self._end(signal.SIGINT)  # "fast": a SIGTERM would wait for its clients

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"


def redis_program() -> str | None:
    return shutil.which("redis-server")


def postgres_program(name: str) -> str | None:
    """PostgreSQL's own programs: on the path, or where distributions put them."""
    if found := shutil.which(name):
        return found
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(places[-1]) if places else None
