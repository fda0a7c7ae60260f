"""Rows for tests, made by plain functions: every argument has a default, whatever a test is about it says."""

import hashlib
import itertools
import json

from django.contrib.auth.models import User
from django.utils import timezone

from annotation.interfaces import pairwise
from annotation.models import (
    Completion,
    Constitution,
    Disagreement,
    Endpoint,
    FeedbackJob,
    FeedbackRow,
    Instruction,
    Item,
    ItemCompletion,
    Judge,
    JudgeVersion,
    Judgment,
    JudgmentRevision,
    Membership,
    Project,
    Prompt,
    QualityReport,
    Rater,
    RaterFigures,
    Role,
    RubricVersion,
    Sitting,
    Snapshot,
    Source,
    Task,
)
from annotation.quality.gathering import Gathering
from annotation.quality.person import Person
from annotation.quality.report import report
from annotation.services.constitutions import create_constitution
from annotation.services.judges import create_judge
from annotation.services.rubrics import create_rubric
from evaluation.models import Comparison, Entry
from training.models import Checkpoint, Run, Worker

_numbers = itertools.count(1)
TASK_FIELDS = {"scale", "question", "hint", "overlap"}
PASSWORD = "correct horse battery"


def digest(value) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def make_user(username: str | None = None, **fields) -> User:
    return User.objects.create_user(username or f"person-{next(_numbers)}", password=PASSWORD, **fields)


def make_project(*, by: User | None = None, slug: str | None = None, members: dict | None = None, **fields) -> Project:
    """A project with a guide; `members` maps a role to users. `by` leads it."""
    number = next(_numbers)
    by = by or make_user()
    fields.setdefault("name", f"Project {number}")
    task = {name: fields.pop(name) for name in TASK_FIELDS & fields.keys()}
    project = Project.objects.create(slug=slug or f"project-{number}", created_by=by, **fields)
    make_task(project, queue="label", **task)
    Membership.objects.create(project=project, user=by, role=Role.LEAD)
    for role, users in (members or {}).items():
        for user in users:
            Membership.objects.create(project=project, user=user, role=role)
    Instruction.objects.create(project=project, number=1, text="Prefer the true reply.", created_by=by)
    return project


def make_task(project: Project, *, queue: str | None = None, interface: str = "pairwise", **fields) -> Task:
    """A kind of work; `scale` is a pair's."""
    settings = fields.pop("settings", {})
    if scale := fields.pop("scale", None):
        settings = {**settings, "scale": scale}
    queue = queue or f"task:{interface}-{next(_numbers)}"
    return Task.objects.create(project=project, queue=queue, interface=interface, settings=settings, **fields)


def scale_of(project: Project) -> int:
    return pairwise.settings(project.first_task.settings).scale


def make_source(project: Project, *, kind: str = Source.Kind.IMPORT, key: str | None = None, name="a file") -> Source:
    key = key or f"source-{next(_numbers)}"
    return Source.objects.get_or_create(project=project, kind=kind, key=key, defaults={"name": name})[0]


def make_endpoint(project: Project, *, base_url: str = "https://api.example.org/v1", **fields) -> Endpoint:
    """An endpoint with the source that signs its completions."""
    name = fields.pop("name", None) or f"endpoint-{next(_numbers)}"
    source = make_source(project, kind=Source.Kind.ENDPOINT, key=f"endpoint:{name}", name=name)
    values = {"model": "steady", "created_by": project.created_by}
    return Endpoint.objects.create(project=project, source=source, name=name, base_url=base_url, **values | fields)


def make_prompt(project: Project, text: str | None = None, **fields) -> Prompt:
    text = text or f"Question {next(_numbers)}?"
    messages = fields.pop("messages", [{"role": "user", "content": text}])
    return Prompt.objects.create(
        project=project, messages=messages, digest=digest(messages), split_key=digest(text), **fields
    )


def make_completion(prompt: Prompt, text: str | None = None, *, source: Source | None = None, **fields) -> Completion:
    text = text or f"Answer {next(_numbers)}."
    source = source or make_source(prompt.project, key="factory")
    return Completion.objects.create(prompt=prompt, source=source, text=text, digest=digest(text), **fields)


def make_pair_item(project: Project, first: str | None = None, second: str | None = None, **fields) -> Item:
    """An item of two completions, open to `overlap` people; `prompt` and `queue` are fields like the others."""
    prompt = fields.pop("prompt", None) or make_prompt(project)
    overlap = fields.pop("overlap", 1)
    item = Item.objects.create(project=project, prompt=prompt, overlap=overlap, open_slots=overlap, **fields)
    for index, text in enumerate((first, second)):
        ItemCompletion.objects.create(item=item, index=index, completion=make_completion(prompt, text))
    return item


def make_rater(
    project: Project, user: User | None = None, *, kind: str | None = None, name: str | None = None
) -> Rater:
    """A person where `user` is given, else a simulated rater."""
    kind = kind or (Rater.Kind.PERSON if user else Rater.Kind.SIMULATED)
    key = str(user.pk) if user else name or f"rater-{next(_numbers)}"
    name = name or (user.username if user else key)
    return Rater.objects.get_or_create(project=project, kind=kind, key=key, defaults={"name": name, "user": user})[0]


def make_judgment(
    item: Item, *, rater: Rater | None = None, strength: int | None = 1, ended=True, **fields
) -> Judgment:
    """A judgment of an ended sitting; strength is signed from the first completion's side."""
    rater = rater or make_rater(item.project)
    now = timezone.now()
    sitting = fields.pop("sitting", None) or Sitting.objects.create(
        project=item.project, rater=rater, queue=item.queue, ended_at=now if ended else None
    )
    fields.setdefault("outcome", Judgment.Outcome.ANSWER)
    fields.setdefault("scale", scale_of(item.project) if strength is not None else None)
    fields.setdefault("shown_order", [0, 1])
    judgment = Judgment.objects.create(item=item, rater=rater, sitting=sitting, strength=strength, **fields)
    JudgmentRevision.objects.create(
        judgment=judgment, number=1, kind=JudgmentRevision.Kind.GIVE, payload={"strength": strength}
    )
    item.open_slots = max(0, item.open_slots - 1)
    item.save(update_fields=["open_slots"])
    return judgment


def make_quality_report(project: Project, rater: Rater | None = None, **fields) -> QualityReport:
    """The row of a ready report without judgments; `rater` has figures in it."""
    body = report(Gathering(), resamples=0).body
    values = {"body": body, "state": QualityReport.State.READY, "finished_at": timezone.now()}
    made = QualityReport.objects.create(project=project, **values | fields)
    if rater:
        figures = Person(rater.pk, rater.kind).figures()
        figures |= {"reliability": None, "degree": None, "triads": body["triads"]["raters"], "findings": []}
        RaterFigures.objects.create(report=made, rater=rater, judgments=0, figures=figures)
        for item in project.items.all()[:3]:
            Disagreement.objects.create(report=made, item=item, score=0.5, voices=2)
    return made


def make_constitution(project: Project, *texts: str, name: str | None = None) -> Constitution:
    """A constitution whose first version holds these principles."""
    rows = [{"text": text} for text in texts or ("Choose the true answer.",)]
    return create_constitution(project, by=project.created_by, name=name or f"charter-{next(_numbers)}", rows=rows)


def make_judge(project: Project, *, name: str | None = None, **how) -> JudgeVersion:
    """The first version of a judge, by the rule “shorter” unless said."""
    how = {"mode": "verdict"} | ({} if "source" in how else {"rule": "shorter"}) | how
    judge: Judge = create_judge(project, by=project.created_by, name=name or f"judge-{next(_numbers)}", **how)
    return judge.versions.get()


def make_feedback(project: Project, *, kind: str = "compare", rows: int = 1, **fields) -> FeedbackJob:
    """A job with rows that wait, each about a prompt of its own."""
    if kind == "compare":
        fields.setdefault("judge", make_judge(project))
    job = FeedbackJob.objects.create(project=project, kind=kind, total=rows, created_by=project.created_by, **fields)
    for number in range(rows):
        FeedbackRow.objects.create(job=job, number=number, item=make_pair_item(project))
    return job


def make_snapshot(project: Project, **fields) -> Snapshot:
    """The row of a frozen snapshot; its folder is only what `path` says."""
    number = next(_numbers)
    values = {
        "name": f"snapshot-{number}",
        "format": Snapshot.Format.PREFERENCE,
        "state": Snapshot.State.FROZEN,
        "sha256": digest(str(number)),
        "row_count": 10,
        "judgment_count": 10,
        "split_counts": {"train": 8, "validation": 1, "test": 1},
        "created_by": project.created_by,
        "frozen_at": timezone.now(),
    }
    return Snapshot.objects.create(project=project, **values | fields)


def make_checkpoint(project: Project, *, run: Run | None = None, kind: str = Checkpoint.Kind.POLICY, **fields):
    """A checkpoint with the source that signs its completions; registered unless `run` is given."""
    checkpoint = Checkpoint(project=project, run=run, kind=kind)
    if kind == Checkpoint.Kind.POLICY:
        key = f"checkpoint:{checkpoint.uid}"
        checkpoint.source = make_source(project, kind=Source.Kind.MODEL, key=key, name=fields.get("name", "model"))
    values = {"name": f"model-{next(_numbers)}", "path": "/nowhere/model"}
    for name, value in (values | fields).items():
        setattr(checkpoint, name, value)
    checkpoint.save()
    return checkpoint


def make_run(project: Project, *, method: str = "dpo", **fields) -> Run:
    number = next(_numbers)
    start = fields.pop("start", None) or make_checkpoint(project, name="tiny")
    snapshot = fields.pop("snapshot", None) or make_snapshot(project)
    spec = {
        "format": 1,
        "method": method,
        "settings": {},
        "training": {},
        "data": {"path": snapshot.path, "sha256": snapshot.sha256, "format": snapshot.format},
        "model": {"path": start.path},
        "prompts": None,
        "reference": None,
        "rewards": [],
        "seed": 42,
    }
    values = {"name": f"{method}-{number}", "spec": spec, "created_by": project.created_by}
    return Run.objects.create(project=project, method=method, start=start, snapshot=snapshot, **values | fields)


def make_worker(name: str | None = None, **fields) -> Worker:
    return Worker.objects.create(name=name or f"worker-{next(_numbers)}", **{"queues": ["cpu", "light"]} | fields)


def make_rubric(project: Project, *categories: dict, name: str | None = None) -> RubricVersion:
    """The first version of a rubric. A category is `name` and `items`; an item without a weight shares what is left."""
    categories = categories or ({"name": "", "items": [{"text": "It is true."}]},)
    for category in categories:
        weights = [item.get("weight") for item in category["items"]]
        rest = (1 - sum(weight or 0 for weight in weights)) / max(weights.count(None), 1)
        for item in category["items"]:
            item.setdefault("weight", rest)
    return create_rubric(
        project,
        by=project.created_by,
        name=name or f"rubric-{next(_numbers)}",
        document={"categories": list(categories)},
    )


def make_comparison(project: Project, checkpoints: list[Checkpoint] | None = None, **fields) -> Comparison:
    checkpoints = checkpoints or [make_checkpoint(project), make_checkpoint(project)]
    values = {"name": f"comparison-{next(_numbers)}", "created_by": project.created_by, "state": Comparison.State.READY}
    comparison = Comparison.objects.create(project=project, **values | fields)
    for index, checkpoint in enumerate(checkpoints):
        Entry.objects.create(comparison=comparison, checkpoint=checkpoint, index=index)
    return comparison
