"""The import service: all or nothing, once, resumable, and with the place of each fault."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import Completion, ImportJob, Item, Judgment, Prompt, Rater, Source
from annotation.services import imports
from annotation.services.imports import Superseded, import_path, resume_imports, run_import, start_import
from tests.factories import make_project

pytestmark = pytest.mark.django_db
GOOD = [{"prompt": f"Why {n}?", "chosen": f"Because {n}.", "rejected": "No idea."} for n in range(7)]


@pytest.fixture(autouse=True)
def own_home(home):
    return home


def upload(rows, name="votes.jsonl"):
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    return SimpleUploadedFile(name, text.encode())


def start(project, by, rows, **options):
    options.setdefault("format", "trl_preference")
    return start_import(project, by=by, name="votes", files=[upload(rows)], **options)


def run(project, by, rows, **options):
    job = start(project, by, rows, **options)
    run_import(job.pk)
    job.refresh_from_db()
    return job


def visible(project):
    return {
        "prompts": Prompt.objects.filter(project=project, published=True).count(),
        "items": Item.objects.filter(project=project, published=True).count(),
        "judgments": Judgment.objects.filter(item__project=project, withdrawn=False).count(),
    }


def test_everything_is_published_at_once_and_the_upload_removed(project, rita, own_home):
    job = run(project, rita, GOOD)
    assert (job.state, job.rows_done, job.error_count) == ("published", 7, 0)
    assert job.counts == {"rows": 7, "prompts": 7, "completions": 14, "items": 7, "judgments": 7}
    assert visible(project) == {"prompts": 7, "items": 7, "judgments": 7}
    judgment = Judgment.objects.select_related("rater").first()
    assert (judgment.origin, judgment.scale, judgment.rater.kind) == ("import", 2, Rater.Kind.IMPORTED)
    assert list((own_home / "uploads/imports").iterdir()) == []
    assert not Item.objects.filter(open_slots__gt=0).exists()  # nobody is asked about them again


def test_strength_points_at_the_chosen_answer_whatever_its_place(project, rita):
    run(project, rita, GOOD)
    places = set()
    for judgment in Judgment.objects.all():
        preferred = judgment.item.entries.get(index=int(judgment.strength < 0)).completion
        assert preferred.text.startswith("Because")
        places.add(judgment.strength)
    assert places == {1, -1}


def test_one_wrong_row_imports_nothing_and_is_named(project, rita, own_home):
    job = run(project, rita, [*GOOD[:3], {"prompt": "Why?", "chosen": "a"}, *GOOD[3:], "{"])
    assert (job.state, job.error_count) == ("failed", 2)
    assert [(error["file"], error["row"], error["path"]) for error in job.errors] == [
        ("votes.jsonl", 4, "$.rejected"),
        ("votes.jsonl", 9, "$"),
    ]
    for model in (Prompt, Completion, Item, Judgment):
        assert not model.objects.exists()
    assert list((own_home / "uploads/imports").iterdir()) == []


def test_a_late_fault_takes_back_the_chunks_before_it(project, rita, monkeypatch):
    monkeypatch.setattr(imports, "CHUNK", 2)
    job = run(project, rita, [*GOOD, "{"])
    assert job.state == "failed"
    assert not Prompt.objects.exists()


def test_bad_rows_are_left_out_when_asked(project, rita):
    job = run(project, rita, [*GOOD, "{"], skip_bad_rows=True)
    assert (job.state, job.error_count, job.counts["judgments"]) == ("published", 1, 7)
    job = run(project, rita, ["{", "["], skip_bad_rows=True)
    assert job.state == "failed"


def test_only_the_first_hundred_errors_are_kept_and_all_counted(project, rita):
    job = run(project, rita, ["{"] * 250)
    assert (len(job.errors), job.error_count) == (100, 250)


def test_the_same_file_again_changes_nothing_and_says_so(project, rita):
    run(project, rita, GOOD)
    before = visible(project)
    job = run(project, rita, [*GOOD, GOOD[0]])
    assert job.counts == {"rows": 8, "duplicates": 8}
    assert visible(project) == before


def test_an_equal_row_in_one_file_counts_once(project, rita):
    job = run(project, rita, [GOOD[0], GOOD[0]])
    assert (job.counts["judgments"], job.counts["duplicates"]) == (1, 1)


def test_another_verdict_on_a_known_pair_joins_its_item(project, rita):
    run(project, rita, [GOOD[0]])
    turned = {**GOOD[0], "chosen": GOOD[0]["rejected"], "rejected": GOOD[0]["chosen"]}
    job = run(project, rita, [turned])
    assert job.counts == {"rows": 1, "judgments": 1}
    item = Item.objects.get()
    assert sorted(item.judgments.values_list("strength", flat=True)) == [-1, 1]


def test_nothing_shows_before_it_is_published(project, rita, monkeypatch):
    run(project, rita, [GOOD[0]])
    before = visible(project)
    turned = {**GOOD[0], "chosen": GOOD[0]["rejected"], "rejected": GOOD[0]["chosen"]}
    seen = []
    monkeypatch.setattr(imports, "_publish", lambda staging: seen.append(visible(project)))
    run(project, rita, [turned, *GOOD[1:]])
    assert seen == [before]
    assert Judgment.objects.filter(withdrawn=True).count() == 7


def test_a_failed_import_does_not_touch_what_was_there(project, rita):
    run(project, rita, [GOOD[0]])
    before = visible(project), Completion.objects.count()
    other = {**GOOD[0], "chosen": "Another answer."}
    assert run(project, rita, [other, "{"]).state == "failed"
    assert (visible(project), Completion.objects.count()) == before


def test_a_killed_worker_leaves_nothing_and_the_import_goes_on(project, rita, monkeypatch, own_home):
    monkeypatch.setattr(imports, "CHUNK", 2)
    job = start(project, rita, GOOD)
    chunks = []

    def die(staging, records):
        chunks.append(records)
        if len(chunks) == 3:
            raise KeyboardInterrupt  # what SIGKILL looks like from here: nothing is cleaned up
        return stage(staging, records)

    stage = imports.stage
    monkeypatch.setattr(imports, "stage", die)
    monkeypatch.setattr(imports, "wake_next", lambda project_id: None)
    with pytest.raises(KeyboardInterrupt):
        run_import(job.pk)
    monkeypatch.undo()
    from django.conf import settings

    settings.UPLOAD_DIR = own_home / "uploads"
    job.refresh_from_db()
    assert (job.state, Prompt.objects.count()) == ("reading", 4)
    assert visible(project) == {"prompts": 0, "items": 0, "judgments": 0}

    run_import(job.pk)  # a second delivery while it may still be alive: no-op
    job.refresh_from_db()
    assert job.state == "reading"

    ImportJob.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    resume_imports()
    job.refresh_from_db()
    assert job.state == "queued"
    run_import(job.pk)
    job.refresh_from_db()
    assert job.counts == {"rows": 7, "prompts": 7, "completions": 14, "items": 7, "judgments": 7}
    assert visible(project) == {"prompts": 7, "items": 7, "judgments": 7}


def test_a_worker_thought_dead_cannot_write_on(project, rita, monkeypatch):
    job = start(project, rita, GOOD)
    claimed = imports._claim(job.pk)
    ImportJob.objects.filter(pk=job.pk).update(attempt="00000000-0000-0000-0000-000000000001")
    with pytest.raises(Superseded):
        imports._read(imports.Stage(claimed))
    assert not Prompt.objects.exists()


def test_imports_of_a_project_take_turns(project, rita):
    first, second = start(project, rita, GOOD[:2]), start(project, rita, GOOD)
    imports._claim(first.pk)
    run_import(second.pk)
    second.refresh_from_db()
    assert second.state == "queued"


def test_pairs_without_verdicts_go_to_people_here(project, rita):
    rows = [{"prompt": "Why?", "responses": ["a", {"text": "b", "model": "tiny"}]}]
    job = run(project, rita, rows, format="pairs")
    item = Item.objects.get()
    assert (item.queue, item.open_slots, item.published) == ("label", project.first_task.overlap, True)
    assert not Judgment.objects.exists()
    assert set(Source.objects.values_list("name", flat=True)) == {"votes", "tiny"}
    assert job.options["judge_here"] is True
    assert run(project, rita, rows, format="pairs").counts == {"rows": 1, "duplicates": 1}


def test_verdicts_can_be_left_behind(project, rita):
    run(project, rita, GOOD, judge_here=True)
    assert Item.objects.filter(queue="label", open_slots=1).count() == 7
    assert not Judgment.objects.exists()


def test_thumbs_and_demonstrations_have_items_of_their_own_kind(project, rita):
    run(project, rita, [{"prompt": "W", "completion": "a", "label": False}], format="trl_unpaired")
    run(project, rita, [{"prompt": "W", "completion": "a"}], format="demonstrations")
    told = {judgment.item.interface: judgment for judgment in Judgment.objects.select_related("item")}
    assert told["thumbs"].value == {"label": False}
    assert told["thumbs"].strength is None
    assert told["demonstration"].value == {"demonstration": True}
    assert Prompt.objects.count() == Completion.objects.count() == 1


def test_prompts_join_a_set_and_are_counted_once(project, rita):
    rows = [{"prompt": "17 + 25?", "reference": 42, "tags": ["sum"]}, {"prompt": "17 + 25?"}]
    job = run(project, rita, rows, format="prompts", prompt_set="sums")
    prompt = Prompt.objects.get()
    assert (prompt.prompt_set, prompt.reference, prompt.tags, prompt.published) == ("sums", "42", ["sum"], True)
    assert job.counts == {"rows": 2, "prompts": 1, "duplicates": 1}


def test_a_damaged_upload_is_said_in_words(project, rita):
    job = start_import(
        project, by=rita, format="prompts", name="x", files=[SimpleUploadedFile("a.zip", b"PK nonsense")]
    )
    run_import(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.errors[0]["message"] == "a.zip is not a zip archive."


def test_a_fault_of_ours_is_said_without_its_insides_and_raised(project, rita, monkeypatch):
    def stage(*_):
        raise RuntimeError("secret table")

    monkeypatch.setattr(imports, "stage", stage)
    job = start(project, rita, GOOD)
    with pytest.raises(RuntimeError):
        run_import(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "secret" not in json.dumps(job.errors)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([], "no_file"),
        ([SimpleUploadedFile("a.exe", b"x")], "kind"),
        ([SimpleUploadedFile("a.json", b"x" * 99)], "too_large"),
    ],
)
def test_uploads_that_are_refused(project, rita, settings, files, code):
    settings.IMPORT_MAX_BYTES = 50
    with pytest.raises(Refused) as refusal:
        start_import(project, by=rita, format="prompts", name="x", files=files)
    assert refusal.value.code == code
    assert not ImportJob.objects.exists()


def test_an_upload_cannot_choose_where_it_lies(project, rita, own_home):
    class Named:
        name, size = "../../../evil/x y.jsonl", 2

        def chunks(self):
            yield b"{}"

    job = start_import(project, by=rita, format="prompts", name="x", files=[Named()])
    files = [path.relative_to(own_home / "uploads/imports").parts for path in own_home.rglob("*.jsonl")]
    assert [(len(parts), parts[-1]) for parts in files] == [(2, "x_y.jsonl")]
    assert job.path.startswith(str(own_home))


def test_the_task_is_rung_after_commit(project, rita, django_capture_on_commit_callbacks, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    with django_capture_on_commit_callbacks() as callbacks:
        start(project, rita, GOOD)
    assert len(callbacks) == 1


def test_the_command_imports_and_reports(project, tmp_path, capsys):
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in GOOD))
    call_command("import_data", tmp_path / "a.jsonl", project="wall", format="trl_preference")
    assert "7 judgments" in capsys.readouterr().out
    assert ImportJob.objects.get().name == "a"
    (tmp_path / "b.jsonl").write_text("{")
    with pytest.raises(CommandError, match="Nothing was imported: 1 rows are wrong"):
        call_command("import_data", tmp_path / "b.jsonl", project="wall", format="trl_preference")
    assert "b.jsonl row 1 $: is not JSON" in capsys.readouterr().err
    for wrong in ({"project": "none"}, {"by": "nobody"}):
        with pytest.raises(CommandError):
            call_command("import_data", tmp_path / "a.jsonl", **{"project": "wall", "format": "prompts", **wrong})


def test_projects_do_not_see_each_others_rows(project, rita):
    other = make_project()
    run(project, rita, GOOD)
    job = run(other, rita, GOOD)
    assert job.counts["judgments"] == 7


def test_a_folder_of_this_machine_stays_where_it_is(project, rita, tmp_path):
    path = tmp_path / "mine"
    path.mkdir()
    (path / "a.jsonl").write_text(json.dumps(GOOD[0]))
    job = import_path(project, by=rita, format="trl_preference", name="mine", path=path)
    assert job.state == "published"
    assert (path / "a.jsonl").exists()
