"""The site's settings with what tests change. Everything the site writes goes to a folder of this test run.

Set before the real settings load: PLUMBLINE_HOME (a fresh folder, one for each xdist worker) and DATABASE_URL
(TEST_DATABASE, else an SQLite file in that folder) and CELERY_BROKER_URL (TEST_BROKER, else files). Child processes
inherit them.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "PLUMBLINE_TEST_HOME" not in os.environ:
    os.environ["PLUMBLINE_TEST_HOME"] = tempfile.mkdtemp(prefix="plumbline-tests-")
    _owner = os.getpid()

    @atexit.register
    def _remove_home() -> None:
        if os.getpid() == _owner:  # a forked child must not take the folder away
            shutil.rmtree(os.environ["PLUMBLINE_TEST_HOME"], ignore_errors=True)


_home = Path(os.environ["PLUMBLINE_TEST_HOME"]) / os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["PLUMBLINE_HOME"] = str(_home)
os.environ["PLUMBLINE_SECRET_KEY"] = "for tests only, the same in every worker"
os.environ.pop("CELERY_BROKER_URL", None)
if url := os.environ.get("TEST_BROKER"):
    os.environ["CELERY_BROKER_URL"] = url
if url := os.environ.get("TEST_DATABASE"):
    os.environ["DATABASE_URL"] = url

from alignment_site.settings import *  # noqa: E402, F403, TID251
from alignment_site.settings import DATABASES, STATIC_ROOT, STORAGES  # noqa: E402, TID251

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing folder, and warnings are errors
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True  # static files as they lie in the tree
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file: child processes and the live server's threads cannot see a database in memory.
    DATABASES["default"]["TEST"] = {"NAME": str(_home / "test.sqlite3")}
