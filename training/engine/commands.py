"""The verbs of the program. Each imports what it needs when it runs, so that `--help` costs nothing."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def train(args: argparse.Namespace) -> int:
    from training.engine.attempt import train as attempt

    return attempt(args.directory, args.attempt, with_parent=args.with_parent)


def catalogue(_args: argparse.Namespace) -> int:
    from training.engine import catalogue as made

    sys.stdout.write(made.text())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.engine", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verb = verbs.add_parser("train", help="train, or go on from the newest checkpoint")
    verb.add_argument("directory", type=Path)
    verb.add_argument("--attempt", help="the token this engine was started with; default: the attempt file's")
    verb.add_argument("--with-parent", action="store_true", help="be killed when the starting process is gone")
    verb.set_defaults(run=train)
    verb = verbs.add_parser("catalogue", help="print catalogue.json")
    verb.set_defaults(run=catalogue)
    return parser


def main(arguments: Sequence[str]) -> int:
    """The exit code of the verb."""
    args = _parser().parse_args(arguments)
    return args.run(args)
