"""The verbs of the program. Each imports what it needs when it runs, so that `--help` costs nothing."""

import argparse
import sys
from collections.abc import Sequence


def catalogue(_args: argparse.Namespace) -> int:
    from training.engine import catalogue as made

    sys.stdout.write(made.text())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.engine", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verb = verbs.add_parser("catalogue", help="print catalogue.json")
    verb.set_defaults(run=catalogue)
    return parser


def main(arguments: Sequence[str]) -> int:
    """The exit code of the verb."""
    args = _parser().parse_args(arguments)
    return args.run(args)
