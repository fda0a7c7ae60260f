"""How long a quality report takes: `python -m benchmarks.quality [--judgments 100000] [--raters 64]`.

Makes pairs judged by three raters each in a SQLite database of its own, computes the report, opens its pages; says
seconds and the pages' server time.
"""

import argparse
import hashlib
import os
import random
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
    call_command("collectstatic", interactive=False, verbosity=0)
    project, lead = world(options)
    made = QualityReport.objects.create(project=project, through=2**60)
    start = time.perf_counter()
    compute(made.pk)
    print(f"{'report over ' + format(options.judgments, ',') + ' judgments':<44} {time.perf_counter() - start:8.1f} s")
    for path, seconds in pages(project, lead, made):
        print(f"{path:<44} {1000 * seconds:8.0f} ms")


def world(options):
    """A project whose pairs of some hundred words are judged by three raters of known skill each."""
    from django.contrib.auth.models import User

    from annotation.models import Completion, Instruction, Membership, Project, Prompt, Role, Source, Task
    from annotation.services.items import create_items
    from annotation.services.judgments import Given, record_judgments

    lead = User.objects.create(username="lead", password="!")
    project = Project.objects.create(slug="bench", name="Bench", created_by=lead)
    Task.objects.create(project=project, queue="label", overlap=3)
    Membership.objects.create(project=project, user=lead, role=Role.LEAD)
    Instruction.objects.create(project=project, number=1, text="Prefer the true reply.", created_by=lead)
    source = Source.objects.create(project=project, kind="import", key="bench", name="bench")
    rng, count = random.Random(0), options.judgments // 3
    prompts = Prompt.objects.bulk_create(
        (
            Prompt(
                project=project,
                messages=[{"role": "user", "content": f"Question {n}"}],
                digest=key(n),
                split_key=key(n),
            )
            for n in range(count)
        ),
        batch_size=2000,
    )
    completions = Completion.objects.bulk_create(
        (
            Completion(prompt=prompt, source=source, digest=key(2 * n + side, "b"),
                       text=f"**Answer** {n}\n- " + "word " * rng.randrange(20, 200))
            for n, prompt in enumerate(prompts)
            for side in range(2)
        ),
        batch_size=2000,
    )  # fmt: skip
    pairs = zip(prompts, zip(completions[::2], completions[1::2], strict=True), strict=True)
    items = create_items(project, rows=pairs)

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


def key(number: int, of: str = "a") -> str:
    return hashlib.sha256(f"{of}{number}".encode()).hexdigest()


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
