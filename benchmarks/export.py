"""What an export of everything costs: `python -m benchmarks.export [--judgments 25000 100000] [--form jsonl] [--json]`.

For each size a database of its own (SQLite in a temporary folder): that many pairs with one judgment each, answers of
about 400 characters. The export runs in a process of its own, whose peak memory and time are measured; before it, the
same process has loaded the site and opened the database. Flat memory means that the peaks of both sizes are alike.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = "the reply says what was asked and no more than that, with a reason for each step it takes"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--judgments", type=int, nargs="+", default=[25_000, 100_000])
    parser.add_argument("--form", choices=("jsonl", "csv", "parquet"), nargs="+", default=["jsonl", "csv", "parquet"])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    if options.one:
        print(json.dumps(export(options.one)))
        return
    rows = [row for count in options.judgments for row in measured(count, options.form)]
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        print(
            f"{row['judgments']:>8,} judgments  {row['form']:<8} {row['rows']:>8,} rows  "
            f"peak {row['peak_mib']:>4.0f} MiB  (before {row['before_mib']:.0f})  "
            f"{row['seconds']:>5.1f} s  {row['archive_mib']:>5.1f} MiB zip"
        )


def measured(count: int, forms: list[str]) -> list[dict]:
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as folder:
        environment = os.environ | {
            "PLUMBLINE_HOME": folder,
            "PLUMBLINE_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "alignment_site.settings",
        }
        found = []
        for form in ("world", *forms):
            command = [sys.executable, "-m", "benchmarks.export", "--one", f"{form}:{count}"]
            ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            if form != "world":
                found.append(json.loads(ran.stdout))
        return found


def export(wish: str) -> dict:
    import django

    django.setup()
    form, _, count = wish.partition(":")
    if form == "world":
        world(int(count))
        return {}
    from annotation.models import Export, Project
    from annotation.services import exports

    project = Project.objects.get()
    asked = Export.objects.create(project=project, created_by=project.created_by, form=form)
    before, start = peak(), time.perf_counter()
    exports.write_export(asked.pk)
    seconds = time.perf_counter() - start
    asked.refresh_from_db()
    if asked.state != Export.State.READY:
        raise SystemExit(f"the export is {asked.state}: {asked.error}")
    return {
        "judgments": int(count),
        "form": form,
        "rows": asked.rows_done,
        "before_mib": before,
        "peak_mib": peak(),
        "seconds": round(seconds, 1),
        "archive_mib": round(Path(asked.path).stat().st_size / 2**20, 1),
    }


def peak() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def world(count: int) -> None:
    """Pairs with a judgment each, made by the services that imports use."""
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from annotation.models import Project, Source
    from annotation.services import content
    from annotation.services.items import create_items
    from annotation.services.judgments import Given, record_judgments
    from annotation.services.tasks import create_task

    call_command("migrate", verbosity=0)
    lead = User.objects.create_user("lead")
    project = Project.objects.create(slug="bench", name="Bench", created_by=lead)
    create_task(project, by=lead, queue="label")
    source = content.get_or_create_source(project, kind=Source.Kind.SIMULATED, key="bench", name="Bench")
    for start in range(0, count, 1000):
        numbers = range(start, min(count, start + 1000))
        prompts = content.get_or_create_prompts(
            project, [content.PromptRow([{"role": "user", "content": f"Question {n}: {WORDS}?"}]) for n in numbers]
        )
        texts = [
            content.CompletionRow(prompt, source, f"{side} of {n}: " + 4 * f"{WORDS}. ")
            for n, prompt in zip(numbers, prompts, strict=True)
            for side in ("First", "Second")
        ]
        made = content.get_or_create_completions(texts)
        items = create_items(project, rows=[(prompt, made[2 * at : 2 * at + 2]) for at, prompt in enumerate(prompts)])
        given = [
            Given(item, f"rater-{item.pk % 64}", strength=1 + item.pk % 4, scale=8, comment="as said") for item in items
        ]
        record_judgments(project, judgments=given, origin="simulated", rater_kind="simulated")


if __name__ == "__main__":
    main()
