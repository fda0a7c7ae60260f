"""The whole tree, for real: it starts in a bare home, answers, mends itself, refuses clashes and leaves nothing."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from alignment_site import supervisor
from tests.servers import free_port, wait_until

pytestmark = pytest.mark.fault

BASE = Path(__file__).resolve().parents[2]
START_SECONDS = 120  # a loaded machine; alone it takes ten


class Tree:
    """`python -m alignment_site.supervisor` in a home of its own, with what it said."""

    def __init__(self, home: Path, port: int):
        self.home, self.port = home, port
        self.output = home.parent / f"{home.name}-output.txt"
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PLUMBLINE", "DJANGO"))}
        for name in ("DATABASE_URL", "CELERY_BROKER_URL"):
            environment.pop(name, None)
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "alignment_site.supervisor"],
                cwd=BASE,
                env=environment | {"PLUMBLINE_HOME": str(home), "PORT": str(port)},
                stdout=output,
                stderr=output,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def wait_ready(self) -> "Tree":
        wait_until(
            lambda: self.process.poll() is not None or "Plumbline is ready" in self.said,
            seconds=START_SECONDS,
            what=f"the start: {self.said}",
        )
        assert self.process.poll() is None, self.said
        return self

    def processes(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int) -> list[psutil.Process]:
        """Signal it, wait, and return what of its tree still lives."""
        tree = self.processes()
        self.process.send_signal(number)
        self.process.wait(60)
        _, alive = psutil.wait_procs(tree, timeout=15)
        return alive


@pytest.fixture
def tree(tmp_path):
    trees = []

    def start(home: str = "home", port: int | None = None) -> Tree:
        trees.append(Tree(tmp_path / home, port or free_port()))
        return trees[-1]

    yield start
    for one in trees:
        if one.process.poll() is None:
            one.end(signal.SIGKILL)


def page(port: int, path: str = "accounts/login/") -> tuple[int, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=30) as response:
        return response.status, response.read().decode()


def test_from_a_bare_home_to_nothing_left(tree):
    one = tree().wait_ready()
    assert one.said.count("http://") == 1
    assert f"Plumbline is ready: http://127.0.0.1:{one.port}/" in one.said
    status, text = page(one.port)
    assert status == 200
    style = re.search(r'href="(/static/css/[^"]+)"', text)[1]
    assert page(one.port, style.lstrip("/"))[0] == 200, "static files were collected"
    assert re.search(r"^lead +\S{12,} +lead$", one.said, re.M), "sign-ins are printed on the first start"

    clash = tree("other-home", one.port)
    assert clash.process.wait(60) == 2
    assert f"Port {one.port} cannot be used" in clash.said
    assert not (clash.home / "db.sqlite3").exists(), "nothing was started"
    again = tree("home")
    assert again.process.wait(60) == 2
    assert "already runs on" in again.said

    worker = next(p for p in one.processes() if "light@" in " ".join(p.cmdline()))
    worker.kill()
    wait_until(lambda: "worker-light was ended by SIGKILL; it is started again now" in one.said, what="a line about it")
    wait_until(lambda: any("light@" in " ".join(p.cmdline()) for p in one.processes()), what="a new worker")

    assert one.end(signal.SIGINT) == []
    assert one.process.returncode == 0
    assert one.said.rstrip().endswith("Ended.") or "had to be killed" in one.said
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", one.port), timeout=2):
        pass

    began = time.monotonic()
    second = tree("home").wait_ready()
    assert time.monotonic() - began < START_SECONDS / 2
    assert second.said.count("Sign-ins, shown this once") == 1, "passwords are not printed again"
    assert second.end(signal.SIGKILL) == [], "children die with the supervisor"


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1"])
def test_a_port_that_is_none_is_said(port, monkeypatch, capsys):
    monkeypatch.setenv("PORT", port)
    assert supervisor.main() == 2
    assert "PORT must be a number" in capsys.readouterr().err


def test_static_files_are_collected_again_only_when_they_change(tmp_path, monkeypatch):
    (tmp_path / "static").mkdir()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "base.txt").write_text("django\n")
    (tmp_path / "static" / "page.css").write_text("a {}")
    monkeypatch.setattr(supervisor, "BASE", tmp_path)
    first = supervisor.static_digest()
    assert supervisor.static_digest() == first
    (tmp_path / "static" / "page.css").write_text("a { color: inherit }")
    changed = supervisor.static_digest()
    assert changed != first
    (tmp_path / "requirements" / "base.txt").write_text("django-htmx\n")
    assert supervisor.static_digest() != changed
