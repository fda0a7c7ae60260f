"""The engine as a program: `python -m training.engine VERB …` (docs/run-directory.md lists the verbs)."""

import sys

from training.engine.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
