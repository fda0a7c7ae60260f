"""Who may import whom; and that everything can be imported at all."""

import importlib
import subprocess
import sys

import pytest

from tests.repo import tree

ENGINE = "training.engine"


def test_the_import_contracts_hold():
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:]


@pytest.mark.parametrize("name", [name for name in tree.modules() if not name.startswith(ENGINE)])
def test_every_module_of_the_site_imports(name):
    importlib.import_module(name)


def test_every_module_of_the_engine_imports_without_django():
    names = [name for name in tree.modules() if name.startswith(ENGINE) and not name.endswith("__main__")]
    code = "\n".join(
        [
            "import importlib, sys",
            "for name in sys.argv[1:]: importlib.import_module(name)",
            "assert 'django' not in sys.modules, 'the engine brought in Django'",
        ]
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *names], cwd=tree.ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]


def test_the_site_starts_without_torch():
    code = "import django, sys; django.setup(); import alignment_site.urls, alignment_site.celery as c; "
    code += (
        "c.app.loader.import_default_modules(); assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tree.ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
