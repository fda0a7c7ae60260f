"""The verbs of the program. Each imports what it needs when it runs, so that `--help` costs nothing."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from training.engine.rundir import die_with_parent

ATTEMPT_VARIABLE = "PLUMBLINE_ATTEMPT"


def train(args: argparse.Namespace) -> int:
    from training.engine.attempt import train as attempt

    return attempt(args.directory, os.environ.get(ATTEMPT_VARIABLE))


def preflight(args: argparse.Namespace) -> int:
    from training.engine.preflight import preflight as look

    return look(args.directory)


def request(args: argparse.Namespace) -> int:
    from training.engine.requests import answer, load
    from training.engine.resident_models import ResidentModels

    return 0 if answer(args.verb, args.directory, ResidentModels(load)) else 1


def serve(args: argparse.Namespace) -> int:
    from training.engine.serve import serve as stay

    return stay(args.directory)


def catalogue(_args: argparse.Namespace) -> int:
    from training.engine import catalogue as made

    sys.stdout.write(made.text())
    return 0


def verify(args: argparse.Namespace) -> int:
    from training.engine import oracles

    found = oracles.run(args.names)
    sys.stdout.write(json.dumps(found, indent=1) + "\n" if args.json else _table(found))
    return 0 if all(row["passed"] for row in found) else 1


def _table(rows: list[dict]) -> str:
    lines = [f"{'ok' if row['passed'] else 'FAILED':7}{row['method']:15}{row['oracle']}" for row in rows]
    wrong = sum(not row["passed"] for row in rows)
    return "\n".join([*lines, f"{len(rows)} oracles, {wrong} failed"]) + "\n"


ON_DIRECTORIES = (
    ("train", train, "train, or go on from the newest checkpoint"),
    ("preflight", preflight, "write preflight.json: what the run would see and cost"),
    ("generate", request, "answer request.json with completions.jsonl"),
    ("score", request, "answer request.json with scores.jsonl"),
    ("choose", request, "answer request.json with choices.jsonl: log-probabilities of given options"),
    ("serve", serve, "take requests from the inbox until stop is there"),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.engine", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB", dest="verb")
    for name, run, text in ON_DIRECTORIES:
        verb = verbs.add_parser(name, help=text)
        verb.add_argument("directory", type=Path)
        verb.set_defaults(run=run)
    verb = verbs.add_parser("verify", help="compare losses with cases whose answer is known")
    verb.add_argument("names", nargs="*")
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(run=verify)
    verb = verbs.add_parser("catalogue", help="print catalogue.json")
    verb.set_defaults(run=catalogue)
    return parser


def main(arguments: Sequence[str]) -> int:
    """The exit code of the verb. An engine that the site started does not outlive it."""
    if ATTEMPT_VARIABLE in os.environ:
        die_with_parent()
    args = _parser().parse_args(arguments)
    return args.run(args)
