"""Runs the oracles: known answers that every method and statistic must reproduce.

The engine's run in a child (no process of the site imports torch); annotation's and evaluation's run here. An oracle
is a row: method, source, oracle, expected, measured, tolerance, passed.
"""

import importlib
import json
import os
import subprocess
import sys
from importlib.util import find_spec

from django.core.management.base import BaseCommand, CommandError

COLUMNS = ("method", "source", "oracle", "expected", "measured", "tolerance", "passed")
# Each has ORACLES by name and rows(names).
BESIDE = ("annotation.oracles", "annotation.judging.oracles", "evaluation.oracles")


class Command(BaseCommand):
    help = "Run oracles; names of methods narrow them down. Fails if one does not hold."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("names", nargs="*", help="methods and statistics; all without")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print a JSON list of rows")

    def handle(self, *, names, as_json, **_options):
        own = [importlib.import_module(name) for name in BESIDE if find_spec(name)]
        here = {name for module in own for name in module.ORACLES}
        rows = []
        if not names or set(names) - here:
            rows += engine_rows([name for name in names if name not in here])
        for module in own:
            wanted = [name for name in names if name in module.ORACLES]
            if wanted or not names:
                rows += module.rows(wanted or list(module.ORACLES))
        self.show(rows, as_json=as_json)
        if failed := sum(not row["passed"] for row in rows):
            raise CommandError(f"{failed} of {len(rows)} oracles do not hold.")
        if unknown := set(names) - {row["method"] for row in rows}:
            raise CommandError(f"No oracle is called {', '.join(sorted(unknown))}.")

    def show(self, rows, *, as_json):
        if as_json:
            self.stdout.write(json.dumps([{key: row[key] for key in COLUMNS} for row in rows], indent=1))
            return
        shown = [COLUMNS, *([text(row[key]) for key in COLUMNS] for row in rows)]
        widths = [max(len(line[index]) for line in shown) for index in range(len(COLUMNS))]
        for line in shown:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        self.stdout.write(f"{sum(row['passed'] for row in rows)} of {len(rows)} oracles hold")


def engine_rows(names: list[str]) -> list[dict]:
    command = [sys.executable, "-m", "training.engine", "verify", "--json", *names]
    ran = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)  # noqa: S603 (names only)
    try:
        return json.loads(ran.stdout)
    except json.JSONDecodeError:
        last = ran.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise CommandError(f"The engine's oracles did not run: {last[0]}") from None


def text(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, list):
        return " ".join(map(text, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)
