"""Runs every test, the long ones too, and writes docs/sweep.md: `python -m tests.sweep [pytest arguments]`.

The report is stamped with the commit and the versions it was made with, so that a reader knows what it speaks of.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
REPORT = ROOT / "docs" / "sweep.md"
STAMPED = ("torch", "transformers", "trl", "Django", "celery")


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        command = [sys.executable, "-m", "pytest", "-m", "sweep or not sweep", f"--junitxml={results}", *arguments]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if results.exists():
            REPORT.write_text(report(ElementTree.parse(results).getroot(), arguments))
    return code


def report(results: ElementTree.Element, arguments: list[str]) -> str:
    cases = [(outcome(case), case) for case in results.iter("testcase")]
    counts = {word: sum(found == word for found, _ in cases) for word in ("passed", "failed", "skipped")}
    slow = sorted(cases, key=lambda pair: -float(pair[1].get("time", 0)))[:60]
    rows = [
        f"| {case.get('classname')} | {case.get('name')} | {found} | {float(case.get('time', 0)):.1f} |"
        for found, case in slow
    ]
    broken = [f"- {case.get('classname')}.{case.get('name')}" for found, case in cases if found == "failed"]
    return "\n".join(
        [
            "# The sweep",
            "",
            "Written by `make sweep`: every test, those that are too long for every change too.",
            "",
            *stamp(arguments),
            "",
            ", ".join(f"{number} {word}" for word, number in counts.items()) + ".",
            *(["", "Failed:", "", *broken] if broken else []),
            "",
            "The longest:",
            "",
            "| where | test | outcome | seconds |",
            "| --- | --- | --- | ---: |",
            *rows,
            "",
        ]
    )


def stamp(arguments: list[str]) -> list[str]:
    asked = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    versions = ", ".join(f"{name} {version(name)}" for name in STAMPED)
    return [
        f"- made {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC at commit {commit}",
        f"- Python {platform.python_version()}, {versions}",
        f"- {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"- arguments: `{' '.join(arguments) or 'none'}`",
    ]


def outcome(case: ElementTree.Element) -> str:
    kinds = {child.tag for child in case}
    if kinds & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in kinds else "passed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
