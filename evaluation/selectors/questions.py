"""Where the prompts of a comparison may come from: a set, a snapshot's held-out rows, or the asker's own typing."""

import hashlib
from pathlib import Path

from django.db.models import Count

from annotation.models import Project, Prompt, Snapshot
from annotation.snapshot_writer import read_rows

HELD_OUT = ("validation", "test")


def prompt_sets(project: Project) -> list[tuple[str, int]]:
    """Named sets with their sizes, by name."""
    sets = Prompt.objects.filter(project=project, published=True).exclude(prompt_set="")
    return list(sets.values_list("prompt_set").annotate(n=Count("pk")).order_by("prompt_set"))


def snapshots_with_rest(project: Project) -> list[Snapshot]:
    """Frozen snapshots that held rows back, newest first."""
    frozen = Snapshot.objects.filter(project=project, state=Snapshot.State.FROZEN).order_by("-pk")
    return [snapshot for snapshot in frozen if any(snapshot.split_counts.get(split) for split in HELD_OUT)]


def held_out(snapshot: Snapshot) -> list[Prompt]:
    """The prompts of a snapshot's validation and test rows, each once: no run on it has trained on them."""
    lineage = Path(snapshot.path) / "lineage.jsonl"
    if not lineage.is_file():
        return []
    ids = {row["prompt"] for row in read_rows(lineage) if row["row"].partition(":")[0] in HELD_OUT}
    return list(Prompt.objects.filter(project=snapshot.project_id, pk__in=ids, published=True))


def of_set(project: Project, name: str) -> list[Prompt]:
    return list(Prompt.objects.filter(project=project, prompt_set=name, published=True))


def chosen(prompts: list[Prompt], count: int, *, seed: int) -> list[Prompt]:
    """`count` of them by the hash of seed and text: the same seed asks the same questions, whatever was added since."""

    def place(prompt: Prompt) -> bytes:
        return hashlib.sha256(f"{seed}:{prompt.digest}".encode()).digest()

    return sorted(prompts, key=place)[:count]
