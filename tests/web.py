"""The site as people run it: gunicorn in a process of its own on the database of the test, free to be killed."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from django.conf import settings
from django.db import connection
from django.test import Client

from tests.servers import Server

ROOT = Path(__file__).parents[1]


def database_url() -> str:
    """The test's own database, for other processes."""
    parts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{parts['NAME']}"
    password = f":{parts['PASSWORD']}" if parts["PASSWORD"] else ""
    return f"postgres://{parts['USER']}{password}@{parts['HOST']}:{parts['PORT'] or 5432}/{parts['NAME']}"


class Web(Server):
    """Production settings. `static=True` collects hashed static files first, for browsers."""

    def __init__(self, folder: Path, *, workers: int = 2, threads: int = 8, static: bool = False):
        super().__init__(folder)
        self.size = (workers, threads)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("TEST_")} | {
            "DJANGO_SETTINGS_MODULE": "alignment_site.settings",
            "DATABASE_URL": database_url(),
            "PLUMBLINE_HOME": str(folder),
            "PLUMBLINE_SECRET_KEY": settings.SECRET_KEY,
            "PLUMBLINE_LOG_LEVEL": "WARNING",
        }
        if static:
            collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
            subprocess.run(collect, cwd=ROOT, env=self.environment, check=True, capture_output=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        workers, threads = self.size
        return [
            *(sys.executable, "-m", "gunicorn", "alignment_site.wsgi:application", "--chdir", str(ROOT)),
            *("--bind", f"127.0.0.1:{self.port}", "--workers", str(workers), "--threads", str(threads)),
            *("--keep-alive", "75", "--backlog", "256"),
        ]

    def ready(self) -> bool:
        """A page was answered: the port alone answers before a worker does."""
        try:
            with urlopen(f"{self.address}/healthz", timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False

    def start(self) -> None:
        before = os.environ.copy()
        os.environ.update(self.environment)
        try:
            super().start()
        finally:
            os.environ.clear()
            os.environ.update(before)

    @staticmethod
    def cookie(user) -> str:
        client = Client()
        client.force_login(user)
        return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
