"""The whole site as `make demo` starts it, empty: web, workers and beat on SQLite and files, in one process tree.

Nothing of it is in the test's process: what a test sees, it sees through pages.
"""

import os
import subprocess
import sys
from pathlib import Path

from alignment_site.supervisor import Supervisor
from tests.servers import Server

ROOT = Path(__file__).parents[2]
OURS = ("TEST_", "PLUMBLINE_", "DATABASE_URL", "CELERY_", "DJANGO_", "PYTEST_")


class EmptySupervisor(Supervisor):
    """The supervisor without the demo: database and static files are made, nobody and nothing is in them."""

    def _manage(self, *arguments: str, shown: bool = False) -> None:
        if arguments != ("demo",):
            super()._manage(*arguments, shown=shown)


class Site(Server):
    """Started in `folder`; pages answer when `start` returns."""

    start_seconds = 120  # tables and static files are made first

    def __init__(self, folder: Path):
        super().__init__(folder)
        plain = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.environment = plain | {
            "DJANGO_SETTINGS_MODULE": "alignment_site.settings",
            "PLUMBLINE_HOME": str(folder),
            "PYTHONPATH": str(ROOT),
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        assignments = [f"{name}={value}" for name, value in self.environment.items()]
        return ["env", "-i", *assignments, sys.executable, "-m", __name__, str(self.folder), str(self.port)]

    def add_person(self, name: str, password: str, *options: str) -> None:
        """Somebody who may sign in, as an operator adds them."""
        command = [sys.executable, "manage.py", "add_person", name, *options]
        subprocess.run(command, cwd=ROOT, env=self.environment, input=f"{password}\n", text=True, check=True)

    def logs(self) -> str:
        """The end of what each process said, for a test that failed."""
        files = [self.folder / "server.log", *sorted((self.folder / "logs").glob("*.log"))]
        ends = [(path, path.read_text(errors="replace").splitlines()[-25:]) for path in files if path.exists()]
        return "\n".join(line for path, lines in ends for line in (f"--- {path.name}", *lines))


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(EmptySupervisor(home=Path(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2])).run())
