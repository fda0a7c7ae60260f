"""An upload that is looked at first: what it is, how its first rows will look, and that nothing comes in unasked."""

import json
from datetime import timedelta
from itertools import islice

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from annotation.importers import FORMATS
from annotation.importers.bundle import Bundle, Unreadable
from annotation.importers.columns import problems, proposed
from annotation.importers.detection import proposal
from annotation.importers.rows import rows_of
from annotation.models import ImportJob, Item, Judgment, Prompt
from annotation.services.import_proposals import forget_proposals
from annotation.services.imports import run_import
from tests.factories import make_task

pytestmark = pytest.mark.django_db
HERE = "/p/wall/imports/"
TABLE = (
    'frage,antwort 1,antwort 2,besser,wer\nWhy?,So.,No.,a,ann\nHow?,Thus.,"Not, at all.",b,bo\nWho?,Me.,You.,tie,ann\n'
)


def upload(text, name="rows.jsonl"):
    text = text if isinstance(text, str) else "\n".join(json.dumps(row) for row in text)
    return SimpleUploadedFile(name, text.encode())


@pytest.fixture
def propose(home, rita, as_user, project):
    """`propose(file)` uploads it by the page; returns the client and the job."""

    def sent(file, **fields):
        client = as_user(rita)
        response = client.post(f"{HERE}new/", {"files": file, "format": "", **fields})
        assert response.status_code == 302, response.content.decode()[:4000]
        return client, ImportJob.objects.latest("pk")

    return sent


def test_a_known_format_is_recognised_shown_and_imported_when_confirmed(propose, project, home):
    rows = [{"prompt": f"Why {n}?", "chosen": "So <b>.", "rejected": "No."} for n in range(9)]
    client, job = propose(upload(rows))
    assert (job.state, job.format, job.name) == ("proposed", "trl_preference", "rows")
    page = client.get(f"{HERE}{job.pk}/").content.decode()
    for words in (
        "This looks like",
        "TRL preference",
        "rows.jsonl has the fields",
        "Why 4?",
        "So &lt;b&gt;.",
        "A is better",
    ):
        assert words in page
    assert "Why 5?" not in page  # five rows are enough to see
    assert not Prompt.objects.exists()
    client.post(f"{HERE}{job.pk}/confirm/", {"format": "trl_preference", "name": "mine", "prompt_set": "first"})
    job.refresh_from_db()
    run_import(job.pk)
    job.refresh_from_db()
    assert (job.state, job.name, job.counts["judgments"]) == ("published", "mine", 9)
    assert list((home / "uploads/imports").iterdir()) == []
    late = client.post(f"{HERE}{job.pk}/confirm/", {"format": "trl_preference"}, follow=True).content.decode()
    assert "confirmed already" in late


def test_columns_of_a_table_are_named_and_every_row_says_what_it_says(propose, project):
    client, job = propose(upload(TABLE, "crowd.csv"))
    assert job.format == "columns"
    page = client.get(f"{HERE}{job.pk}/").content.decode()
    assert "Say which column holds the prompt" in page  # nobody calls a prompt frage
    named = {"format": "columns", "column-prompt": "frage", "column-first": "antwort 1", "column-second": "antwort 2",
             "column-winner": "besser", "column-rater": "wer"}  # fmt: skip
    looked = client.post(f"{HERE}{job.pk}/look/", named).content.decode()
    assert "B is better, said by bo." in looked
    assert "A and B are equally good, said by ann." in looked
    assert not Prompt.objects.exists()
    refused = client.post(f"{HERE}{job.pk}/confirm/", {**named, "column-second": ""})
    assert refused.status_code == 422
    assert "Say which column holds the second answer, too." in refused.content.decode()
    client.post(f"{HERE}{job.pk}/confirm/", named)
    run_import(job.pk)
    said = {}
    for judgment in Judgment.objects.select_related("rater", "item__prompt"):
        texts = [entry.completion.text for entry in judgment.item.entries.all()]
        better = texts[int(judgment.strength < 0)] if judgment.strength else None
        said[judgment.item.prompt.messages[0]["content"]] = (judgment.rater.name, better)
    assert said == {"Why?": ("ann", "So."), "How?": ("bo", "Not, at all."), "Who?": ("ann", None)}


def test_wrong_rows_are_shown_with_their_place_before_anything_comes_in(propose):
    client, job = propose(upload([{"prompt": "Why?", "completion": "So.", "label": "perhaps"}]))
    page = client.get(f"{HERE}{job.pk}/").content.decode()
    assert "<code>$.label</code> must be true or false" in page
    assert "rows.jsonl · row 1" in page


def test_an_upload_can_be_removed_or_is_forgotten(propose, project, home):
    client, job = propose(upload([{"prompt": "Why?"}]))
    assert "was removed" in client.post(f"{HERE}{job.pk}/drop/", follow=True).content.decode()
    assert not ImportJob.objects.exists()
    client, job = propose(upload([{"prompt": "Why?"}]))
    forget_proposals()
    assert ImportJob.objects.exists()
    ImportJob.objects.update(created_at=timezone.now() - timedelta(days=8))
    forget_proposals()
    assert not ImportJob.objects.exists()
    assert list((home / "uploads/imports").iterdir()) == []


def test_answers_join_the_task_that_can_show_them(propose, project):
    task = make_task(project, interface="ranking", queue="task:rank", overlap=2)
    rows = [{"prompt": "Why?", "responses": ["a", "b", "c"]}, {"prompt": "How?", "responses": ["a"]}]
    client, job = propose(upload(rows))
    assert "Ranking" in client.get(f"{HERE}{job.pk}/").content.decode()
    client.post(f"{HERE}{job.pk}/confirm/", {"format": "pairs", "judge_here": "on", "task": "task:rank"})
    run_import(job.pk)
    item = Item.objects.get()
    assert (item.queue, item.interface, item.size, item.open_slots, item.published) == (
        "task:rank",
        "ranking",
        3,
        2,
        True,
    )
    job.refresh_from_db()
    assert sum(n for reason, n in job.counts.items() if reason.startswith("left out")) == 1
    assert task.title in next(reason for reason in job.counts if reason.startswith("left out"))


def test_the_api_previews_recognises_and_maps(api_as, rita, project, home):
    caller, address = api_as(rita), "/api/projects/wall/imports/"
    told = caller.post(f"{address}preview/", {"file": upload(TABLE, "crowd.csv")}, format="multipart").json()
    assert (told["format"], told["rows"]) == ("columns", [])
    assert told["columns"] == ["frage", "antwort 1", "antwort 2", "besser", "wer"]
    columns = json.dumps({"prompt": "frage", "first": "antwort 1", "second": "antwort 2", "winner": "besser"})
    told = caller.post(
        f"{address}preview/", {"file": upload(TABLE, "crowd.csv"), "columns": columns}, format="multipart"
    ).json()
    assert [row["said"] for row in told["rows"]] == ["A is better.", "B is better.", "A and B are equally good."]
    unnamed = caller.post(address, {"file": upload(TABLE, "crowd.csv")}, format="multipart")
    assert (unnamed.status_code, unnamed.json()["errors"][0]["path"]) == (422, "columns.prompt")
    wrong = caller.post(address, {"file": upload(TABLE, "c.csv"), "columns": '["a"]'}, format="multipart")
    assert wrong.status_code in (400, 422)
    made = caller.post(
        address, {"file": upload([{"prompt": "Why?", "chosen": "a", "rejected": "b"}])}, format="multipart"
    )
    assert (made.status_code, made.json()["format"]) == (202, "trl_preference")
    assert not ImportJob.objects.filter(state="proposed").exists()


# Shortened examples are no rows; such files are recognised in test_import_public_sets.
WHOLE = [format for format in FORMATS.values() if format.name not in ("columns", "plumbline", "oasst_trees", "gsm8k")]


@pytest.mark.parametrize("format", WHOLE, ids=lambda format: format.name)
def test_every_format_is_recognised_by_its_example(tmp_path, format):
    (tmp_path / "rows.jsonl").write_text(format.example)
    assert proposal(Bundle(tmp_path)).format == format.name


def test_a_large_list_is_read_row_by_row(tmp_path):
    """The first row of a file that is cut off far behind it is there at once: nothing was read whole."""
    row = json.dumps({"prompt": "Why? é" + "x" * 50_000})
    (tmp_path / "rows.json").write_text("[" + ",\n".join([row] * 40) + ', {"prompt": "cut')
    found = rows_of(Bundle(tmp_path), "rows.json")
    seen = [(place.row, len(row["prompt"])) for place, row in islice(found, 40)]
    assert seen == [(n, 50_006) for n in range(1, 41)]
    with pytest.raises(Unreadable, match="not JSON"):
        next(found)
    assert len(list(rows_of(Bundle(tmp_path, head=3), "rows.json"))) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [("a,a\n1,2\n", "names each column, each once"), ("a,b\n1\n", "has 1 fields; the first line names 2"),
     ('a,b\n"1,2\n', "no row of a table")],
)  # fmt: skip
def test_tables_say_what_is_wrong_with_them(tmp_path, text, message):
    (tmp_path / "rows.csv").write_text(text)
    assert message in _fault(tmp_path)


def _fault(folder) -> str:
    """What is wrong with the table: as a whole, or in its first row."""
    try:
        return next(thing.message for _, thing in rows_of(Bundle(folder), "rows.csv"))
    except Unreadable as fault:
        return str(fault)


def test_likely_columns_are_proposed():
    assert proposed(["Question", "Response A", "Response B", "winner", "annotator"]) == {
        "prompt": "Question", "first": "Response A", "second": "Response B", "winner": "winner", "rater": "annotator",
    }  # fmt: skip
    assert proposed(["prompt", "chosen", "rejected"]) == {
        "prompt": "prompt",
        "chosen": "chosen",
        "rejected": "rejected",
    }
    assert proposed(["question", "answer 1", "answer 2", "better", "chosen"]) == {
        "prompt": "question", "first": "answer 1", "second": "answer 2", "winner": "better",
    }  # fmt: skip
    assert problems({"prompt": "q", "chosen": "c"}) == {"rejected": "Say which column holds the rejected answer, too."}
    assert "purple" in problems({"prompt": "q", "purple": "p"})
