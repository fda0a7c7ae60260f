"""What is in the repository: the files git knows, so that nobody's scratch files count."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = ("alignment_site", "annotation", "training", "evaluation")


@cache
def files() -> list[str]:
    """Every file that is tracked, or would be with `git add .`."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted(name for name in set(listed) if (ROOT / name).is_file())


def having(*endings: str) -> list[str]:
    return [name for name in files() if name.endswith(endings)]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def modules() -> list[str]:
    """Every module of the apps, by its dotted name."""
    names = [name for name in having(".py") if name.split("/")[0] in APPS]
    return [name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names]
