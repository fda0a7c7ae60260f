"""Projects, their settings and guide, and the pages people land on."""

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache

from annotation import loop
from annotation.errors import Refused
from annotation.models import ImportJob, Instruction, Membership, Project, Role
from annotation.services.projects import SETTINGS, add_instruction, change_settings, create_project
from tests.factories import make_judgment, make_pair_item, make_project, make_rater

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget():
    cache.clear()


@pytest.fixture
def founder(rita):
    rita.user_permissions.add(Permission.objects.get(codename="create_project"))
    return type(rita).objects.get(pk=rita.pk)


def form_of(**changes):
    return {
        "name": "Orchard assistant", "description": "", "interface": "pairwise", "question": "Which?", "hint": "",
        "overlap": 2, "lease_seconds": 300, "sitting_goal": 40, "reveal": "sitting", "guide": "# Rules", **changes,
    }  # fmt: skip


def test_whoever_makes_a_project_leads_it(founder, as_user):
    response = as_user(founder).post("/projects/new/", form_of())
    project = Project.objects.get(slug="orchard-assistant")
    assert response.url == "/p/orchard-assistant/"
    task = project.first_task
    assert (task.question, task.overlap, project.lease_seconds) == ("Which?", 2, 300)
    assert Membership.objects.get(project=project).role == Role.LEAD
    assert project.instructions.get().text == "# Rules"
    assert project.split_salt != Project.objects.get(slug="wall").split_salt


def test_names_may_repeat_addresses_do_not(founder):
    slugs = [create_project(by=founder, name="Tone").slug for _ in range(3)]
    assert slugs == ["tone", "tone-2", "tone-3"]
    assert create_project(by=founder, name="¿?").slug == "project"
    with pytest.raises(Refused) as refusal:
        create_project(by=founder, name="Tone", slug="tone")
    assert refusal.value.code == "taken"


def test_creating_is_a_right_of_its_own(alice, as_user):
    assert as_user(alice).get("/projects/new/").status_code == 403
    assert as_user(alice).post("/projects/new/", form_of()).status_code == 403
    assert b"/projects/new/" not in as_user(alice).get("/").content
    assert Project.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"name": ""}, "required"), ({"overlap": 0}, "Must lie between 1 and 50."),
     ({"interface": "charades"}, "valid choice"), ({"lease_seconds": 5}, "Must lie between 30 and 86,400."),
     ({"guide": "x" * 50_001}, "50000")],
)  # fmt: skip
def test_a_wrong_form_shows_again_with_what_was_written(founder, as_user, wrong, message):
    response = as_user(founder).post("/projects/new/", form_of(question="My question?", **wrong))
    assert response.status_code == 422
    assert message in response.content.decode()
    assert "My question?" in response.content.decode()
    assert Project.objects.count() == 1


def test_settings_change_what_was_changed(project, alice, as_user):
    wanted = {name: getattr(project, name) for name in SETTINGS} | {"sitting_goal": 30, "pay": ""}
    assert as_user(alice).post("/p/wall/settings/", wanted).url == "/p/wall/settings/"
    project.refresh_from_db()
    assert project.sitting_goal == 30
    response = as_user(alice).post("/p/wall/settings/", {**wanted, "sitting_goal": 2})
    assert response.status_code == 422
    project.refresh_from_db()
    assert project.sitting_goal == 30


def test_no_service_changes_a_field_that_is_no_setting(project, alice):
    with pytest.raises(TypeError):
        change_settings(project, by=alice, slug="other")


def test_the_guide_is_versions_that_never_change(project, alice, bob, as_user):
    lead = as_user(alice)
    response = lead.post("/p/wall/guide/edit/", {"text": "**New** <script>x</script>", "change_note": "Clearer"})
    assert response.url == "/p/wall/guide/"
    assert list(project.instructions.order_by("number").values_list("number", flat=True)) == [1, 2]
    page = as_user(bob).get("/p/wall/guide/").content.decode()
    assert "<strong>New</strong> &lt;script&gt;" in page
    assert "Clearer" in page
    assert "alice" not in page.split("<main")[1]  # names are for leads
    assert "is not the one in use" in as_user(bob).get("/p/wall/guide/1/").content.decode()
    assert as_user(bob).get("/p/wall/guide/9/").status_code == 404


def test_an_unchanged_guide_is_no_version(project, alice, as_user):
    text = project.instructions.get().text
    response = as_user(alice).post("/p/wall/guide/edit/", {"text": text})
    assert response.status_code == 422
    assert "Nothing was changed" in response.content.decode()
    with pytest.raises(Refused):
        add_instruction(project, by=alice, text=text)
    assert Instruction.objects.filter(project=project).count() == 1


def test_an_annotators_project_is_the_labelling(bob, as_user):
    assert as_user(bob).get("/p/wall/").url == "/p/wall/label/"


def test_home_shows_each_project_as_its_loop(project, rita, bob, as_user):
    for n in range(3):
        make_judgment(make_pair_item(project), rater=make_rater(project, bob), strength=1 + n)
    page = as_user(rita).get("/").content.decode()
    for words in ("Labels this week", "3 in all, 1.0 per pair", "shown from 50 on", "freeze one when labels are in"):
        assert words in page
    assert page.count('aria-current="true"') == 1


def test_the_weight_hangs_where_most_waits():
    stations = [loop.Station("a", waits=1), loop.Station("b", waits=4), loop.Station("c", waits=4)]
    assert [station.state for station in loop._hang(stations)] == ["", "now", "next"]
    assert loop._hang([]) == []


def test_an_unknown_station_is_an_error():
    with pytest.raises(ValueError, match="no station"):
        loop.register("weather", stations=dict)


def test_what_failed_waits_for_those_who_can_mend_it(project, rita, vera, as_user):
    from django.utils import timezone

    job = ImportJob.objects.create(
        project=project, format="pairs", name="votes", state="failed", error_count=2, created_by=rita,
        finished_at=timezone.now(),
    )  # fmt: skip
    make_pair_item(project, put_aside=True)
    page = as_user(rita).get("/").content.decode()
    assert "Nothing of votes was imported: 2 rows are wrong." in page
    assert f"/p/wall/imports/{job.pk}/" in page
    assert "?state=flagged" in page
    assert "Waiting for you" not in as_user(vera).get("/").content.decode()


def test_home_of_nobodys_project_says_what_to_do(charlie, founder, as_user):
    page = as_user(charlie).get("/").content.decode()
    assert "You belong to no project yet" in page
    assert "invitation link" in page


def test_home_asks_as_much_for_one_project_as_for_six(rita, as_user, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_user(rita)
    counts = []
    for _ in range(2):
        cache.clear()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/")
        counts.append((Membership.objects.filter(user=rita).count(), len(asked)))
        for _ in range(3):
            make_project(members={Role.RESEARCHER: [rita]})
    (few, first), (many, second) = counts
    assert second - first <= 3 * (many - few)  # agreement and newer judgments ask once a project, nothing else does


def test_project_page_by_role(project, rita, vera, charlie, as_user):
    researcher = as_user(rita).get("/p/wall/").content.decode()
    assert "/p/wall/data/" in researcher
    assert "/p/wall/people/" not in researcher
    viewer = as_user(vera).get("/p/wall/").content.decode()
    assert "/p/wall/data/" not in viewer
    assert as_user(charlie).get("/p/wall/").status_code == 404


def test_password_change(rita, as_user):
    client = as_user(rita)
    wrong = {"old_password": "nonsense", "new_password1": "another phrase", "new_password2": "another phrase"}
    assert client.post("/accounts/password/", wrong).status_code == 422
    from tests.factories import PASSWORD

    assert client.post("/accounts/password/", {**wrong, "old_password": PASSWORD}).status_code == 302
    rita.refresh_from_db()
    assert rita.check_password("another phrase")
