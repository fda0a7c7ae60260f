"""How fast labelling is: `python -m benchmarks.labelling [--items 100000] [--people 64] [--labels 2000] [--json]`.

Makes a project with 100,000 pairs, overlap 3, 30 % of them judged once, in a database of its own: SQLite in a
temporary folder, or the empty PostgreSQL database that DATABASE_URL names. Then measures the queries and the server
time of handing out the next pair, of storing an answer and of the page; and how many labels people store who label at
once over HTTP against gunicorn, each with the next pair fetched ahead. With each goes what must hold: no error, no
slot given twice, no label lost. Clients and server share the machine.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--people", type=int, nargs="*", default=[1, 16, 64])
    parser.add_argument("--labels", type=int, default=2_000, help="for each number of people")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as folder:
        os.environ |= {"PLUMBLINE_HOME": folder, "PLUMBLINE_LOG_LEVEL": "ERROR"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alignment_site.settings")
        import django

        django.setup()
        rows = measure(options, Path(folder))
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        for row in rows:
            print(f"{row['what']:<58} {row['value']:>10} {row['unit']}")


def measure(options, folder: Path) -> list[dict]:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    project, users = world(options.items, max(options.people, default=1))
    vendor = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    rows = [row("database", vendor, ""), row("pairs", options.items, ""), *in_process(project, users[0])]
    rows.append(row("load of the machine meanwhile", f"{os.getloadavg()[0]:.0f} on {os.cpu_count()} cores", ""))
    connection.close()
    for people in options.people:
        rows += crowd(options, project, users[:people], folder)
    return rows


def row(what: str, value, unit: str) -> dict:
    return {"what": what, "value": value, "unit": unit}


def world(items: int, people: int):
    """A project as in the middle of its life: overlap 3, 30 % judged once, texts of some two hundred words."""
    from django.contrib.auth.models import User

    from annotation.models import Completion, Instruction, Membership, Project, Prompt, Rater, Role, Source, Task
    from annotation.services.items import create_items
    from annotation.services.judgments import Given, record_judgments

    users = User.objects.bulk_create(User(username=f"person-{number}", password="!") for number in range(people))
    project = Project.objects.create(slug="bench", name="Bench", created_by=users[0])
    Task.objects.create(project=project, queue="label", overlap=3)
    Membership.objects.bulk_create(Membership(project=project, user=user, role=Role.ANNOTATOR) for user in users)
    Instruction.objects.create(project=project, number=1, text="Prefer the true reply.", created_by=users[0])
    source = Source.objects.create(project=project, kind="import", key="bench", name="bench")
    prompts = Prompt.objects.bulk_create(
        (
            Prompt(
                project=project,
                messages=[{"role": "user", "content": f"Question {number}: " + "why is it so " * 5}],
                digest=str(number),
                split_key=str(number),
            )
            for number in range(items)
        ),
        batch_size=2000,
    )
    text = "- **One** thing, then another; `code` too.\n" * 25
    completions = Completion.objects.bulk_create(
        (
            Completion(prompt=prompt, source=source, text=f"{side}{text}", digest=f"{prompt.digest}-{side}")
            for prompt in prompts
            for side in "ab"
        ),
        batch_size=2000,
    )
    pairs = zip(prompts, zip(completions[::2], completions[1::2], strict=True), strict=True)
    made = create_items(project, rows=pairs)
    record_judgments(
        project,
        judgments=(Given(item, "first reader", strength=1, scale=8) for item in made[: items * 3 // 10]),
        origin="import",
        rater_kind=Rater.Kind.IMPORTED,
    )
    return project, users


def in_process(project, user, rounds: int = 200) -> list[dict]:
    """Queries and server time of the calls, without sockets."""
    import uuid

    from django.db import connection
    from django.test import Client, override_settings
    from django.test.utils import CaptureQueriesContext

    from annotation.views.calls import owner_of

    client = Client()
    client.force_login(user)

    def call(name: str, **body):
        body = {"owner": owner_of(user)} | body
        address = f"/p/{project.slug}/label/{name}/"
        return client.post(address, json.dumps(body), content_type="application/json").json()

    times: dict[str, list[float]] = {"page": [], "hand-out": [], "answer": []}
    work: dict[str, list[float]] = {name: [] for name in times}

    def timed(name: str, ask):
        began, worked = time.perf_counter(), time.process_time()
        result = ask()
        times[name].append(1000 * (time.perf_counter() - began))
        work[name].append(1000 * (time.process_time() - worked))
        return result

    with override_settings(ALLOWED_HOSTS=["*"], STORAGES=plain_static()):
        pair = call("next", known=[])["pair"]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            call("next", known=[pair["token"]])
        queries = sum(not query["sql"].startswith(("BEGIN", "COMMIT")) for query in captured)

        def answer(pair):
            return call("answer", token=pair["token"], submission=str(uuid.uuid4()), outcome="both_bad")

        for held in (pair, call("next", known=[pair["token"]])["pair"]):
            answer(held)
        for _ in range(rounds):
            pair = timed("hand-out", lambda: call("next", known=[]))["pair"]  # nothing is held: a new lease
            timed("answer", lambda pair=pair: answer(pair))
            timed("page", lambda: client.get(f"/p/{project.slug}/label/"))  # with a new lease too
            answer(call("next", known=[])["pair"])
    return [
        row("queries to hand out a pair, sign-in and membership included", queries, ""),
        *(quantiles(f"server time, {name}", values) for name, values in times.items()),
        *(quantiles(f"processor time, {name}", values) for name, values in work.items()),
    ]


def plain_static() -> dict:
    """The manifest of hashed names is not collected for this."""
    from django.conf import settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return settings.STORAGES | {"staticfiles": plain}


def quantiles(what: str, values: list[float]) -> dict:
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return row(f"{what}, median / p95", f"{cuts[9]:.1f} / {cuts[18]:.1f}", "ms")


def crowd(options, project, users, folder: Path) -> list[dict]:
    """Everybody labels at once against gunicorn; then the invariants are counted."""
    from annotation.views.calls import owner_of
    from benchmarks.labellers import Labeller, run_all
    from tests.servers import Server
    from tests.web import Web

    server: Server = Web(folder, workers=options.workers, threads=options.threads)
    server.start()
    try:
        warm(server.port)
        people = [
            Labeller(
                ("127.0.0.1", server.port),
                project.slug,
                Web.cookie(user),
                owner_of(user),
                limit=options.labels // len(users),
                seed=user.pk,
            )
            for user in users
        ]
        seconds = run_all(people)
    finally:
        server.stop()
    errors = [error for person in people for error in person.errors]
    stored = sum(len(person.stored) for person in people)
    answers = [1000 * value for person in people for value in person.seconds["answer"]]
    name = f"{len(users)} at once"
    return [
        row(f"{name}: labels per second", f"{stored / seconds:.0f}", ""),
        quantiles(f"{name}: answer and next pair", answers),
        row(f"{name}: errors / slots too many / labels lost", f"{len(errors)} / {broken(people)}", ""),
    ]


def warm(port: int) -> None:
    """The first request of a process imports the site."""
    import http.client

    for _ in range(20):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/accounts/login/")
        connection.getresponse().read()
        connection.close()


def broken(people) -> str:
    """Slots beyond the overlap, and confirmed labels that are not in the database exactly once."""
    from django.db.models import Count, F, Q

    from annotation.models import Item, JudgmentRevision
    from annotation.services.items import HOLDING_STATES

    held = Count("assignments", filter=Q(assignments__state__in=HOLDING_STATES))
    beyond = Item.objects.filter(assignments__isnull=False).annotate(held=held).filter(held__gt=F("overlap")).count()
    sent = {body["submission"] for person in people for body in person.stored}
    there = set()
    for submission in JudgmentRevision.objects.values_list("submission", flat=True).iterator():
        there.add(str(submission))
    return f"{beyond} / {len(sent - there)}"


if __name__ == "__main__":
    main()
