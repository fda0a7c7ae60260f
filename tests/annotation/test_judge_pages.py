"""Pages of judges, constitutions and feedback jobs: full, empty, wrong, and who sees what."""

import pytest

from annotation.judging.asking import Reply
from annotation.models import Constitution, FeedbackJob, Judge, JudgeVersion, Source
from annotation.services.feedback import critiquing, running
from annotation.services.feedback.jobs import request_judging
from tests.annotation.speakers import Speaker, nobody, written
from tests.factories import (
    make_constitution,
    make_feedback,
    make_judge,
    make_judgment,
    make_pair_item,
    make_prompt,
    make_rater,
    make_source,
)

P = "/p/wall/"


@pytest.fixture
def model(project):
    return make_source(project, kind=Source.Kind.MODEL, key="checkpoint:x", name="tiny")


@pytest.fixture
def judged(project, rita):
    """A rule that judged forty pairs, half of them against what somebody said."""
    person = make_rater(project, name="somebody", kind="imported")
    for number in range(40):
        item = make_pair_item(project, "short", "a longer answer")
        make_judgment(item, rater=person, strength=1 if number % 2 else -1, scale=3)
    version = make_judge(project, name="brief", rule="shorter")
    job = request_judging(version, by=rita)
    running.run(job.pk, speaker_of=nobody)
    return version


def principles(*rows, more=False):
    data = {"principles-TOTAL_FORMS": str(len(rows)), "principles-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"principles-{number}-{name}": value for name, value in ({"weight": "1"} | row).items()}
    return data | ({"more": "1"} if more else {})


def test_empty_pages_say_what_to_do_first(as_user, rita, project):
    page = as_user(rita).get(f"{P}judges/").content.decode()
    assert "Nobody judges but people" in page
    assert f"{P}judges/new/" in page
    for kind in ("critique", "deliberation", "debate"):
        page = as_user(rita).get(f"{P}feedback/new/{kind}/").content.decode()
        assert "Something is missing first" in page
    assert "Start" in as_user(rita).get(f"{P}feedback/new/inverse/").content.decode()
    assert as_user(rita).get(f"{P}feedback/new/dance/").status_code == 404


def test_a_viewer_sees_figures_and_no_texts(as_user, vera, judged):
    client = as_user(vera)
    assert "brief" in client.get(f"{P}judges/").content.decode()
    page = client.get(f"{P}judges/{judged.judge_id}/").content.decode()
    assert "50 % [" in page
    assert "/data/items/" not in page
    assert "/feedback/" not in page
    assert "Have it judge" not in page
    job = FeedbackJob.objects.get()
    assert client.get(f"{P}feedback/{job.pk}/").status_code == 403


def test_the_judges_page_is_full(as_user, rita, judged, django_assert_max_num_queries):
    client = as_user(rita)
    with django_assert_max_num_queries(20):
        page = client.get(f"{P}judges/{judged.judge_id}/").content.decode()
    for words in ("Agrees with people", "Cohen's kappa", "Drawn to what stands first", "Soft labels", "contradicts"):
        assert words in page
    assert "/data/items/" in page
    with django_assert_max_num_queries(20):
        assert "50 % [" in client.get(f"{P}judges/").content.decode()


def test_making_a_judge_by_the_form(as_user, rita, project):
    client = as_user(rita)
    asked = {
        "name": "oak",
        "who": "rule:keywords",
        "keywords": "oak\n\n elm ",
        "mode": "letters",
        "combine": "mean",
        "principles_drawn": "1",
        "max_new_tokens": "400",
    }
    answer = client.post(f"{P}judges/new/", asked)
    judge = Judge.objects.get()
    assert answer.url == f"{P}judges/{judge.pk}/"
    assert judge.versions.get().options["keywords"] == ["oak", "elm"]
    assert "It has judged nothing yet" in client.get(answer.url).content.decode()
    wrong = client.post(f"{P}judges/new/", asked | {"keywords": "", "name": "elm"})
    assert wrong.status_code == 422
    assert "Name at least one keyword" in wrong.content.decode()
    again = client.post(f"{P}judges/new/", asked)
    assert again.status_code == 422
    assert "called “oak” already" in again.content.decode()
    newer = client.post(f"{P}judges/{judge.pk}/edit/", asked | {"mode": "verdict", "change_note": "reads words"})
    assert newer.status_code == 302
    assert JudgeVersion.objects.filter(judge=judge).count() == 2
    assert "Not the newest version" in client.get(f"{P}judges/{judge.pk}/?version=1").content.decode()


def test_a_template_without_its_places_is_marked_at_its_field(as_user, rita, model):
    asked = {
        "name": "x",
        "who": f"source:{model.pk}",
        "mode": "letters",
        "combine": "agree",
        "principles_drawn": "1",
        "max_new_tokens": "400",
        "template": "Just {answer_a}",
    }
    answer = as_user(rita).post(f"{P}judges/new/", asked)
    assert answer.status_code == 422
    assert "It has no {answer_b}" in answer.content.decode()


def test_having_a_judge_judge_by_the_form(as_user, rita, judged, project):
    client = as_user(rita)
    answer = client.post(f"{P}judges/{judged.judge_id}/run/", {"most": "1000"})
    assert answer.status_code == 422
    assert "There is no pair here" in answer.content.decode()
    make_pair_item(project)
    answer = client.post(f"{P}judges/{judged.judge_id}/run/", {"most": "10"})
    job = FeedbackJob.objects.latest("pk")
    assert answer.url == f"{P}feedback/{job.pk}/"
    assert client.post(f"{P}judges/{judged.judge_id}/run/", {"most": "0"}).status_code == 422


def test_measuring_again_takes_in_what_people_said_since(as_user, rita, judged, project):
    item = make_pair_item(project)
    make_judgment(item, rater=make_rater(project, name="another", kind="imported"), strength=1)
    before = JudgeVersion.objects.get(pk=judged.pk).measured_at
    assert as_user(rita).post(f"{P}judges/{judged.judge_id}/measure/").status_code == 302
    assert JudgeVersion.objects.get(pk=judged.pk).measured_at > before


def test_retiring_a_judge(as_user, rita, judged):
    client = as_user(rita)
    client.post(f"{P}judges/{judged.judge_id}/retire/")
    page = client.get(f"{P}judges/{judged.judge_id}/").content.decode()
    assert "retired" in page
    assert "Have it judge" not in page


def test_the_editor_of_a_constitution(as_user, rita, project):
    client = as_user(rita)
    rows = principles({"text": "Be brief.", "tags": "tone"}, {"text": "Be true.", "weight": "3"}, {"text": ""})
    answer = client.post(f"{P}constitutions/new/", rows | {"name": "charter"})
    constitution = Constitution.objects.get()
    assert answer.url == f"{P}constitutions/{constitution.pk}/"
    page = client.get(answer.url).content.decode()
    assert "drawn 75 % of the time" in page
    more = client.post(f"{P}constitutions/new/", rows | {"name": "x", "more": "1"})
    assert more.status_code == 200
    assert more.content.decode().count("<legend") == 3 + 2
    assert Constitution.objects.count() == 1
    changed = principles({"key": "p1", "text": "Be very brief.", "tags": "tone"}, {"text": "Be kind."})
    client.post(f"{P}constitutions/{constitution.pk}/edit/", changed | {"change_note": "kinder"})
    page = client.get(f"{P}constitutions/{constitution.pk}/").content.decode()
    assert "Changed." in page
    assert "Added." in page
    assert "Removed." in page
    assert "kinder" in page
    assert "Removed." not in client.get(f"{P}constitutions/{constitution.pk}/1/").content.decode()
    assert client.get(f"{P}constitutions/{constitution.pk}/9/").status_code == 404


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (principles({"text": ""}), "at least one principle"),
        (principles({"text": "Be brief.", "weight": "-1"}), "greater than or equal to 0.01"),
        ({}, "rows of principles are missing"),
    ],
)
def test_a_constitution_that_does_not_read(as_user, rita, project, rows, words):
    answer = as_user(rita).post(f"{P}constitutions/new/", rows | {"name": "charter"})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Constitution.objects.exists()


def test_an_unchanged_version_is_refused(as_user, rita, project):
    constitution = make_constitution(project, "Be brief.")
    answer = as_user(rita).post(
        f"{P}constitutions/{constitution.pk}/edit/", principles({"key": "p1", "text": "Be brief."})
    )
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.content.decode()


def test_a_job_is_watched_and_called_off(as_user, rita, project):
    job = make_feedback(project, rows=4)
    client = as_user(rita)
    page = client.get(f"{P}feedback/{job.pk}/").content.decode()
    assert "Queued" in page
    assert "every 2s" in page
    part = client.get(f"{P}feedback/{job.pk}/", headers={"HX-Request": "true", "HX-Target": "progress"})
    assert b"<html" not in part.content
    client.post(f"{P}feedback/{job.pk}/cancel/")
    page = client.get(f"{P}feedback/{job.pk}/").content.decode()
    assert "Cancelled after 0 of 4" in page
    assert "every 2s" not in page
    client.post(f"{P}feedback/{job.pk}/retry/")
    assert FeedbackJob.objects.get(pk=job.pk).state == "queued"


def test_what_could_not_be_read_is_there_to_look_at(as_user, rita, judged, project, model):
    version = make_judge(project, source=model)
    job = request_judging(version, by=rita, most=2)
    speaker = Speaker(lambda ask: Reply(text="<script>alert(1)</script> hm"))
    running.run(job.pk, speaker_of=lambda *_: speaker)
    client = as_user(rita)
    page = client.get(f"{P}feedback/{job.pk}/?state=unread").content.decode()
    assert "Answers that could not be read" in page
    row = client.get(f"{P}feedback/{job.pk}/rows/0/").content.decode()
    assert "Answer, asked again 2" in row
    assert "<script>alert" not in row
    assert "Ask again what is missing" in page


def test_a_chain_is_readable(as_user, rita, project, model):
    make_prompt(project, "Question 1?", prompt_set="red")
    constitution = make_constitution(project, "Be brief.").versions.get()
    job = critiquing.request_chains(
        project, by=rita, writer=model, constitution=constitution, prompt_set="red", revisions=1
    )
    running.run(job.pk, speaker_of=lambda *_: Speaker(written))
    page = as_user(rita).get(f"{P}feedback/{job.pk}/rows/0/").content.decode()
    for words in ("First answer", "Critique", "Revision", "Be brief.", "[revised]"):
        assert words in page
    assert client_error(as_user(rita), f"{P}feedback/{job.pk}/rows/7/") == 404


def client_error(client, address):
    return client.get(address).status_code


def test_principles_found_become_a_constitution(as_user, rita, judged, project):
    client = as_user(rita)
    answer = client.post(
        f"{P}feedback/new/inverse/",
        {
            "writer": "",
            "most": "40",
            "clusters": "12",
            "kept": "3",
            "temperature": "0",
            "max_new_tokens": "300",
            "seed": "0",
        },
    )
    job = FeedbackJob.objects.latest("pk")
    assert answer.url == f"{P}feedback/{job.pk}/"
    running.run(job.pk, speaker_of=nobody)
    assert "Principles found" in client.get(answer.url).content.decode()
    made = client.post(f"{P}feedback/{job.pk}/constitution/", {"name": "found"})
    assert made.status_code == 302
