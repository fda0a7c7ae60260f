"""A child of the supervisor: started again when it dies, ended for good when asked, never left behind."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from alignment_site.processes import Child, end_all, how_it_ended
from tests.servers import wait_until

STAYS = "import time; time.sleep(600)"
DEAF = """
import signal, time
for number in (signal.SIGTERM, signal.SIGQUIT):
    signal.signal(number, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
PARENT = """
import sys, time
from pathlib import Path
from alignment_site.processes import Child
program = [sys.executable, "-c", "import time; time.sleep(600)"]
child = Child("child", program, log=Path(sys.argv[1]), folder=Path("."), environment={})
child.start()
print(child.process.pid, flush=True)
time.sleep(600)
"""

pytestmark = pytest.mark.fault


@pytest.fixture
def child_of(tmp_path):
    made = []

    def make(code: str) -> Child:
        said = []
        child = Child(
            "worker",
            [sys.executable, "-c", code],
            log=tmp_path / "logs" / "worker.log",
            folder=tmp_path,
            environment=dict(os.environ),
            say=said.append,
        )
        child.said = said
        made.append(child)
        return child

    yield make
    for child in made:
        child.signal(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()


def test_a_child_that_dies_is_started_again_with_a_line(child_of):
    child = child_of(STAYS)
    child.start()
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    child.process.wait()
    child.tick()
    assert child.alive
    assert child.process.pid != first
    assert child.said == [f"worker was ended by SIGKILL; it is started again now. Its log: {child.log}"]


def test_one_that_keeps_dying_is_started_ever_more_slowly(child_of):
    child = child_of("raise SystemExit(3)")
    child.start()
    for _ in range(2):
        child.process.wait()
        child.tick()
    assert [line.split(";")[1].split(".")[0] for line in child.said] == [
        " it is started again now",
        " it is started again in 1 s",
    ]
    assert "exit code 3" in child.said[0]
    assert child.process is None
    child.tick()
    assert child.process is None, "it must wait its pause"


def test_all_end_when_asked(child_of):
    children = [child_of(STAYS), child_of(STAYS)]
    for child in children:
        child.start()
    assert end_all(children, patience_seconds=20) == []
    assert not any(child.alive for child in children)


def test_who_does_not_listen_is_killed(child_of):
    child = child_of(DEAF)
    child.start()
    wait_until(lambda: "deaf" in child.last_lines())
    began = time.monotonic()
    assert end_all([child], patience_seconds=0.6) == ["worker"]
    assert time.monotonic() - began < 10
    assert not child.alive


def test_asking_twice_is_not_waited_for(child_of):
    child = child_of(DEAF)
    child.start()
    wait_until(lambda: "deaf" in child.last_lines())
    assert end_all([child], patience_seconds=600, hurried=lambda: True) == ["worker"]


def test_a_log_that_has_grown_is_put_aside(child_of, monkeypatch):
    monkeypatch.setattr("alignment_site.processes.LOG_BYTES", 10)
    child = child_of(STAYS)
    child.log.parent.mkdir()
    child.log.write_text("a long story\n" * 3)
    child.start()
    assert child.log.with_suffix(".1.log").read_text().startswith("a long story")
    assert child.log.read_text() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="PDEATHSIG is Linux's")
def test_a_child_dies_with_its_parent_whatever_kills_that(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True, cwd=os.getcwd()
    )
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, what="the child's end")


@pytest.mark.parametrize(
    ("code", "words"), [(0, "ended with exit code 0"), (-9, "was ended by SIGKILL"), (-99, "was ended by signal 99")]
)
def test_an_end_is_said_in_words(code, words):
    assert how_it_ended(code) == words
