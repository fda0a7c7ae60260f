"""Runs what touches database or broker on PostgreSQL and Redis: `python -m tests.on_servers [pytest arguments]`.

The servers are those that TEST_DATABASE and TEST_BROKER name, else ones started for this run from the programs of
this machine, else what answers on the usual ports. Where there are none, that is said and the run passes, unless
CI=true.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests import servers

# What is not about rows or messages (pages in a browser, arithmetic, peers) says the same on every database.
WHICH = "(services or fault or not (browser or peer or real_data)) and not sweep"
WHERE = ("tests/annotation", "tests/training", "tests/evaluation", "tests/api", "tests/security", "tests/ground")


def main(arguments: list[str]) -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="plumbline-servers-")))
        database = os.environ.get("TEST_DATABASE") or postgres(stack, folder / "postgres")
        broker = os.environ.get("TEST_BROKER") or redis(stack, folder / "redis")
        if not (database and broker):
            return absent("PostgreSQL" if not database else "Redis")
        environment = os.environ | {"TEST_DATABASE": database, "TEST_BROKER": broker}
        command = [sys.executable, "-m", "pytest", "-m", WHICH, *WHERE, *arguments]
        return subprocess.run(command, env=environment, check=False).returncode


def postgres(stack: ExitStack, folder: Path) -> str | None:
    if servers.postgres_program("initdb"):
        return started(stack, servers.Postgres, folder)
    return "postgres://postgres@127.0.0.1:5432/postgres" if servers.answers("127.0.0.1", 5432) else None


def redis(stack: ExitStack, folder: Path) -> str | None:
    if servers.redis_program():
        return started(stack, servers.Redis, folder)
    return "redis://127.0.0.1:6379/15" if servers.answers("127.0.0.1", 6379) else None


def started(stack: ExitStack, kind: type[servers.Server], folder: Path) -> str:
    folder.mkdir()
    server = kind(folder)
    stack.callback(server.kill)
    server.start()
    return server.url


def absent(what: str) -> int:
    strict = os.environ.get("CI") == "true"
    left_out = "which CI=true does not forgive" if strict else "so database and broker tests run on SQLite only"
    sys.stderr.write(f"No {what} on this machine, {left_out}. Install it, or set TEST_DATABASE and TEST_BROKER.\n")
    return int(strict)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
