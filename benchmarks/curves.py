"""A million points of one run: added, polled, drawn. `python -m benchmarks.curves [--points N] [--json]`.

Beside MLflow 3.17 (server on SQLite) and trackio 0.43 (local), as measured on a machine of the same kind:
100,000 points added in 17.8 s (5,600 a second) and read in 5.0 s; 51,000 a second and read in 0.29 s.
"""

import argparse
import json
import os
import sys
import tempfile
import time

KEYS = 20
PEERS = {
    "MLflow 3.17": {"added_per_second": 5_600, "read_100k_seconds": 5.0},
    "trackio 0.43": {"added_per_second": 51_000, "read_100k_seconds": 0.29},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--database", help="URL of an empty database to fill; a file that is thrown away without.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="plumbline-curves-") as home:
        os.environ |= {"PLUMBLINE_HOME": home, "DJANGO_SETTINGS_MODULE": "alignment_site.settings"}
        os.environ["DATABASE_URL"] = options.database or f"sqlite:///{home}/points.sqlite3"
        import django

        django.setup()
        found = measure(options.points)
    print(json.dumps({**found, "peers": PEERS}, indent=1) if options.json else table(found))


def measure(points: int) -> dict:
    """Seconds to add all points as the site does, to read a run from its start, to poll it, to export a metric."""
    from django.core.management import call_command

    from training.selectors import curves
    from training.services import events

    call_command("migrate", verbosity=0)
    run = a_run()
    steps = points // KEYS
    write_events(run, steps)
    added = clock(lambda: take_all(events, run))
    run.refresh_from_db()
    first = curves.series(run, curves.Cursor())
    cursor = curves.Cursor(run.event_seq - 1, first["width"])
    return {
        "points": steps * KEYS,
        "add_seconds": added,
        "added_per_second": steps * KEYS / added,
        "read_seconds": clock(lambda: curves.series(run, curves.Cursor()), best_of=3),
        "poll_seconds": clock(lambda: curves.series(run, cursor), best_of=5),
        "export_metric_seconds": clock(lambda: list(curves.table(run, ["metric_0"]))),
        "answer_bytes": len(json.dumps(first)),
        "poll_bytes": len(json.dumps(curves.series(run, cursor))),
        "rows": run.chunks.count(),
        "database_bytes": database_bytes(),
    }


def a_run():
    from django.contrib.auth.models import User

    from annotation.models import Project
    from training.models import Checkpoint, Run

    user = User.objects.create(username="bench")
    project = Project.objects.create(slug="bench", name="Bench", created_by=user)
    start = Checkpoint.objects.create(project=project, name="start", path="owner/model")
    spec = {"training": {}, "settings": {}}
    return Run.objects.create(project=project, name="bench", method="dpo", spec=spec, start=start, created_by=user)


def write_events(run, steps: int) -> None:
    from training.services.attempts import folder_of

    folder_of(run).mkdir(parents=True)
    with open(folder_of(run) / "events.jsonl", "w") as handle:
        start = {"seq": 0, "time": 0.0, "type": "started", "total_steps": steps}
        handle.write(json.dumps(start) + "\n")
        for step in range(1, steps + 1):
            values = {f"metric_{key}": (step * 7919 * (key + 1) % 1000) / 997 for key in range(KEYS)}
            line = {"seq": step, "time": float(step), "type": "metrics", "step": step, "epoch": 0, "values": values}
            handle.write(json.dumps(line) + "\n")


def take_all(events, run) -> None:
    while events.ingest(run.pk):
        pass


def clock(act, *, best_of: int = 1) -> float:
    seconds = []
    for _ in range(best_of):
        start = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def database_bytes() -> int:
    from django.db import connection

    if connection.vendor == "sqlite":
        return sum(
            os.path.getsize(path)
            for end in ("", "-wal")
            if os.path.exists(path := connection.settings_dict["NAME"] + end)
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('training_metricchunk')")
        return cursor.fetchone()[0]


def table(found: dict) -> str:
    lines = [f"{'':24}{'Plumbline':>12}" + "".join(f"{name:>16}" for name in PEERS)]
    added = [f"{found['added_per_second']:>12,.0f}", *(f"{peer['added_per_second']:>16,}" for peer in PEERS.values())]
    lines.append(f"{'points added a second':24}" + "".join(added))
    share = found["points"] / 100_000
    reads = [f"{found['read_seconds'] / share:>12.3f}", *(f"{p['read_100k_seconds']:>16.2f}" for p in PEERS.values())]
    lines.append(f"{'read, s per 100k points':24}" + "".join(reads))
    lines.append(
        f"of {found['points']:,} points: {found['read_seconds']:.2f} s to read all, {found['answer_bytes']:,} bytes"
    )
    lines.append(f"one poll {1000 * found['poll_seconds']:.1f} ms, {found['poll_bytes']:,} bytes")
    lines.append(f"{found['rows']:,} rows, {found['database_bytes'] / 1e6:.0f} MB")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
