"""How long a quality report takes: `python -m benchmarks.quality [--judgments 100000] [--raters 64]`.

Makes pairs judged by three raters each in a SQLite database of its own, computes the report, opens its pages; says
seconds, peak memory of the process and the pages' server time.
"""

import argparse
import os
import random
import resource
import tempfile
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--judgments", type=int, default=100_000)
    parser.add_argument("--raters", type=int, default=64)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as folder:
        os.environ |= {"PLUMBLINE_HOME": folder, "PLUMBLINE_LOG_LEVEL": "ERROR"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alignment_site.settings")
        import django

        django.setup()
        measure(options)


def measure(options) -> None:
    from django.core.management import call_command

    from annotation.models import QualityReport
    from annotation.services.quality import compute

    call_command("migrate", verbosity=0)
    project, lead = world(options)
    made = QualityReport.objects.create(project=project, through=2**60)
    before = peak()
    start = time.perf_counter()
    compute(made.pk)
    print(f"{'report over ' + format(options.judgments, ',') + ' judgments':<44} {time.perf_counter() - start:8.1f} s")
    print(f"{'memory that it added':<44} {peak() - before:8.0f} MiB")
    for path, seconds in pages(project, lead, made):
        print(f"{path:<44} {1000 * seconds:8.0f} ms")


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def world(options):
    """A project whose pairs of some two hundred words are judged by three raters of known skill each."""
    from django.contrib.auth.models import User

    from annotation.services.items import create_items
    from annotation.services.judgments import Given, record_judgments
    from annotation.services.projects import create_project

    lead = User.objects.create_user("lead")
    project = create_project(by=lead, name="Bench", slug="bench", guide="Judge.")
    rng = random.Random(0)
    count = options.judgments // 3
    rows = (
        {
            "prompt": f"Question {n}",
            "responses": [f"**Answer** {n} " + "word " * rng.randrange(20, 200) for _ in range(2)],
        }
        for n in range(count)
    )
    items = create_items(project, rows=rows, queue="label", overlap=3)

    def said():
        for item in items:
            better = rng.choice((1, -1))
            for rater in rng.sample(range(options.raters), 3):
                right = rng.random() < 0.6 + 0.4 * rater / options.raters
                order = (0, 1) if rng.random() < 0.5 else (1, 0)
                strength = rng.randrange(1, 5) * (better if right else -better)
                yield Given(item, f"rater-{rater}", strength=strength, scale=8, shown_order=order, active_ms=9000)

    record_judgments(project, judgments=said(), origin="simulated", rater_kind="simulated")
    return project, lead


def pages(project, lead, report):
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(lead)
    rater = report.raters.first().rater_id
    for path in ("", "raters/", f"raters/{rater}/", "disagreements/", "disagreements/?kind=sides", "circles/"):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            answer = client.get(f"/p/{project.slug}/quality/{path}")
            times.append(time.perf_counter() - start)
            assert answer.status_code == 200, path
        yield f"page quality/{path}", sorted(times)[2]


if __name__ == "__main__":
    main()
