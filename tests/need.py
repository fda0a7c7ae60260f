"""What a test may need of the machine. Missing means skipped; with CI=true missing means failed."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from tests.servers import postgres_program, redis_program

STRICT = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
REAL_DATA = Path(os.environ.get("PLUMBLINE_REAL_DATA") or Path(__file__).parents[2] / "shared" / "data")


def missing(what: str, *, strict: bool = STRICT) -> None:
    """Ends the test: failed where nothing may be missing, skipped elsewhere."""
    if strict:
        pytest.fail(f"{what}, and CI=true or an explicit setting says it must be there", pytrace=False)
    pytest.skip(what)


def chromium() -> str:
    found = os.environ.get("PLUMBLINE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return found or missing("no Chromium: install the system's package `chromium` or set PLUMBLINE_CHROMIUM")


def redis_server() -> str:
    return redis_program() or missing("no redis-server: install the system's package `redis-server`")


def postgres() -> str:
    return postgres_program("initdb") or missing("no PostgreSQL server: install the system's package `postgresql`")


def peer(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        missing(f"the peer library {name} is not installed (requirements/dev.txt)")


def real_data(*parts: str) -> Path:
    """A path in the folder PLUMBLINE_REAL_DATA names. If it is named and not there, that is a failure."""
    path = REAL_DATA.joinpath(*parts)
    if not path.exists():
        missing(f"no real data at {path}", strict=STRICT or bool(os.environ.get("PLUMBLINE_REAL_DATA")))
    return path
