"""Starts, watches and stops one engine process. Standard library only.

The engine runs in a session of its own, so that a signal to the worker does not reach it and a signal to its group
reaches its children too. Its environment is chosen, not inherited: no secret of the site gets in, and the C
allocator is told to keep large blocks (1.1 to 1.3 times faster on a CPU, measured; glibc reads plain bytes only).
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

GIB = 1024**3
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "USER", "LOGNAME")
KEPT_PREFIXES = ("CUDA_", "NVIDIA_", "NCCL_", "HF_", "SSL_", "REQUESTS_")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": str(4 * GIB),
    "MALLOC_TRIM_THRESHOLD_": str(8 * GIB),
    "MALLOC_TOP_PAD_": str(GIB // 4),
}
PROJECT_DIR = Path(__file__).resolve().parent.parent
ATTEMPT_VARIABLE = "PLUMBLINE_ATTEMPT"
PROGRAM = (sys.executable, "-m", "training.engine")


def environment(*, token: str = "", threads: int | None = None, inherited=None) -> dict[str, str]:
    """What the engine sees of the world."""
    inherited = os.environ if inherited is None else inherited
    kept = {
        name: value
        for name, value in inherited.items()
        if name in KEPT or name in PROXIES or name.startswith(KEPT_PREFIXES)
    }
    count = str(threads or os.cpu_count() or 1)
    return {
        **kept,
        **ALLOCATOR,
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(PROJECT_DIR),
        ATTEMPT_VARIABLE: token,
    }


class Engine:
    """One child: `python -m training.engine VERB FOLDER`, its output appended to FOLDER/engine.log."""

    def __init__(self, folder: Path, *, verb: str = "train", token: str = "", threads: int | None = None):
        self.folder = Path(folder)
        self.verb = verb
        self.token = token
        self.threads = threads
        self.process: subprocess.Popen | None = None
        self._asked_at: float | None = None

    def start(self) -> int:
        """Start the child and return its process id. What an earlier attempt was asked to do is forgotten."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "stop").unlink(missing_ok=True)
        if self.token:
            write_whole(self.folder / "attempt", self.token)
        with open(self.folder / "engine.log", "ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own program, arguments we chose)
                [*PROGRAM, self.verb, str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(token=self.token, threads=self.threads),
                cwd=PROJECT_DIR,
                start_new_session=True,
            )
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative is the signal that ended it."""
        return None if self.process is None else self.process.poll()

    def ask(self, wish: str, *, patience_seconds: float) -> None:
        """Ask for `stop` or `pause`: by file, after `patience_seconds` by SIGTERM, after twice that by SIGKILL.

        To be called again and again: each call does what is due by now.
        """
        if self._asked_at is None:
            write_whole(self.folder / "stop", wish)
            self._asked_at = time.monotonic()
        waited = time.monotonic() - self._asked_at
        if waited > 2 * patience_seconds:
            self.signal(signal.SIGKILL)
        elif waited > patience_seconds:
            self.signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the child and whatever it started, now."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def signal(self, number: int) -> None:
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def watch(self, *, every_seconds: float) -> Iterator[bool]:
        """Yields True every so often while the child lives, and False once when it has ended."""
        while self.running:
            yield True
            try:
                self.process.wait(timeout=every_seconds)
            except subprocess.TimeoutExpired:
                continue
        yield False


def write_whole(path: Path, text: str) -> None:
    """Put `text` there so that a reader sees the old content or the new, never half."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text)
    part.replace(path)


def read_lines(path: Path, offset: int, *, limit_bytes: int = 4 * 1024 * 1024) -> tuple[list[bytes], int]:
    """Whole lines from `offset` on, some `limit_bytes` of them, and the offset behind the last one."""
    try:
        with open(path, "rb") as handle:
            handle.seek(offset)
            data = handle.read(limit_bytes)
            if len(data) == limit_bytes and not data.endswith(b"\n"):
                data += handle.readline()
    except FileNotFoundError:
        return [], offset
    end = data.rfind(b"\n") + 1
    return data[:end].split(b"\n")[:-1], offset + end


def last_lines(path: Path, count: int, *, limit_bytes: int = 64 * 1024) -> list[str]:
    """The end of a log, however long it is."""
    try:
        with open(path, "rb") as handle:
            size = handle.seek(0, os.SEEK_END)
            handle.seek(max(0, size - limit_bytes))
            lines = handle.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return lines[-count:]
