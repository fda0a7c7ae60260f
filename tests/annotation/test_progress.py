"""The dashboard: dates by hand, figures of days and weeks, who may see whom, batches side by side, pauses."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import Batch, BatchItem, Judgment, Project
from annotation.pace import cost_of, finish_of
from annotation.selectors import batches as figures
from annotation.selectors import progress
from annotation.services import batches, people
from annotation.services.labelling import hand_out
from tests.factories import make_judgment, make_pair_item, make_rater

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


def test_a_date_is_what_is_wanted_over_the_mean():
    told = finish_of(100, [10, 10, 10, 10, 10, 10, 10], TODAY)
    assert (told.rate, told.day, told.soonest, told.latest) == (10, *[date(2026, 3, 20)] * 3)


def test_days_that_differ_make_a_range():
    # mean 10, squares 600, sd sqrt(600 / 6) = 10, standard error 10 / sqrt(7) = 3.780; 10 ± 7.408 = 17.41 and 2.592
    told = finish_of(100, [0, 20, 0, 20, 0, 20, 10], TODAY)
    assert told.rate == 10
    assert told.soonest == TODAY + timedelta(days=6)
    assert told.latest == TODAY + timedelta(days=39)


def test_without_work_there_is_no_date():
    assert finish_of(100, [0] * 7, TODAY).day is None
    assert finish_of(0, [5] * 7, TODAY).day is None
    assert finish_of(10**9, [1] * 7, TODAY).day is None


def test_cost_is_by_hours_or_by_items():
    assert cost_of(20, "hour", active_ms=5_400_000, answers=7) == 30
    assert cost_of(0.5, "item", active_ms=5_400_000, answers=7) == 3.5
    assert cost_of(None, "item", active_ms=1, answers=7) is None


def dated(judgment: Judgment, days: int, ms: int | None = None) -> Judgment:
    at = timezone.now() - timedelta(days=days)
    Judgment.objects.filter(pk=judgment.pk).update(judged_at=at, active_ms=ms)
    return judgment


@pytest.fixture
def worked(project, bob, rita):
    """Thirty items judged by both yesterday, five more judged by bob ten days ago, two open, one of them flagged."""
    mine, hers = make_rater(project, bob), make_rater(project, rita)
    for number in range(30):
        item = make_pair_item(project, overlap=2)
        dated(make_judgment(item, rater=mine, strength=2, scale=8), 1, 10_000 + number)
        dated(make_judgment(item, rater=hers, strength=2 if number % 3 else -2, scale=8), 1, 30_000)
    for _ in range(5):
        dated(make_judgment(make_pair_item(project), rater=mine, strength=1, scale=8, comment="hm"), 10)
    make_pair_item(project, overlap=3)
    make_pair_item(project, put_aside=True)


def test_days_weeks_and_people_are_counted(project, worked):
    window = progress.window_of(project)
    by_day = {row.day: row for row in window.days}
    yesterday = timezone.localdate() - timedelta(days=1)
    assert (by_day[yesterday].judgments, by_day[yesterday].timed) == (60, 60)
    assert by_day[yesterday].seconds == pytest.approx(20.0145)
    assert by_day[timezone.localdate() - timedelta(days=10)].seconds is None
    assert window.judgments == 65
    [week] = window.weeks
    assert (week.items, week.low < week.value < week.high) == (30, True)
    mine, hers = progress.people_of(project, window, names=True)
    assert (mine.name, mine.judgments, mine.recent, hers.name) == ("bob", 35, 30, "rita")
    assert hers.active_ms == 900_000


def test_imported_votes_are_no_work(project):
    make_judgment(make_pair_item(project), origin="import")
    assert progress.window_of(project).judgments == 0


def test_a_task_says_what_is_wanted_and_when_it_ends(project, worked):
    [task] = progress.tasks_of(project, progress.window_of(project))
    assert (task.items, task.wanted, task.finish.wanted) == (37, 69, 4)
    assert task.finish.rate == pytest.approx(60 / 7)
    assert task.finish.day == timezone.localdate() + timedelta(days=1)


def test_what_waits_is_counted(project, worked):
    waits = progress.waits_of(project)
    assert (waits.flagged, waits.disagreeing, waits.comments) == (1, 10, 0)


def test_names_are_for_leads_pseudonyms_for_researchers_and_nobody_for_viewers(
    project, worked, alice, rita, vera, as_user
):
    lead, researcher, viewer = (
        as_user(user).get("/p/wall/progress/").content.decode().split('id="main"')[1] for user in (alice, rita, vera)
    )
    assert ">bob<" in lead
    assert ">bob<" not in researcher
    assert "annotator " in researcher
    assert "Who did what" not in viewer
    assert "What waits" not in viewer


def test_an_empty_project_says_what_comes(alice, as_user):
    text = as_user(alice).get("/p/wall/progress/").content.decode()
    assert "Nothing to judge yet" in text
    assert "vendor/plotly" not in text


def test_cost_is_shown_where_pay_is_set(project, worked, alice, vera, as_user):
    Project.objects.update(pay="36", pay_currency="EUR")
    assert "EUR" in as_user(alice).get("/p/wall/progress/").content.decode()
    assert "EUR" not in as_user(vera).get("/p/wall/progress/").content.decode()


@pytest.mark.parametrize(("what", "lines"), [("days", None), ("weeks", 1), ("people", 2)])
def test_the_numbers_behind_the_charts(project, worked, rita, as_user, what, lines):
    answer = as_user(rita).get(f"/p/wall/progress/{what}.csv")
    rows = list(csv.DictReader(io.StringIO("".join(part.decode() for part in answer.streaming_content))))
    assert rows
    assert lines is None or len(rows) == lines
    assert "bob" not in str(rows)


def test_batches_stand_side_by_side(project, worked, alice, rita, as_user):
    yesterday = timezone.localdate() - timedelta(days=1)
    late = batches.create_batch(project, by=alice, title="week 2", since=yesterday, until=yesterday)
    early = batches.create_batch(project, by=alice, title="week 1", until=yesterday - timedelta(days=1))
    told = figures.figures_of(late)
    assert (told.judgments, told.items, told.raters, told.overlaps, told.agreement) == (60, 30, 2, 30, None)
    assert told.left.whole == 60
    assert told.seconds == pytest.approx(20.0145)
    assert figures.figures_of(early).judgments == 5
    text = as_user(rita).get("/p/wall/batches/").content.decode()
    assert text.index("week 1") < text.index("week 2")


def test_a_batch_of_items_and_of_gold(project, alice, bob):
    batch = Batch.objects.create(project=project, title="gold", created_by=alice)
    rater = make_rater(project, bob)
    for number in range(10):
        item = make_pair_item(project, gold={"strength": 3})
        make_judgment(item, rater=rater, strength=1 if number < 8 else -1, scale=8)
        BatchItem.objects.create(batch=batch, item=item)
    make_judgment(make_pair_item(project), rater=rater)
    told = figures.figures_of(batch)
    assert (told.judgments, told.gold_asked, told.gold.value) == (10, 10, 80)


def test_batches_are_refused_in_words(project, alice, as_user):
    batch = batches.create_batch(project, by=alice, title="week 1")
    for wrong in ({"title": "week 1"}, {"title": " "}, {"title": "x", "since": TODAY, "until": date(2026, 1, 1)}):
        with pytest.raises(Refused):
            batches.create_batch(project, by=alice, **wrong)
    lead = as_user(alice)
    assert lead.post("/p/wall/batches/", {"title": "week 1"}).status_code == 422
    assert lead.post(f"/p/wall/batches/{batch.pk}/", {"title": "week one", "note": "n"}).status_code == 302
    batch.refresh_from_db()
    assert batch.title == "week one"


def test_who_is_paused_is_handed_nothing_new(project, alice, bob, as_user):
    make_pair_item(project)
    member = project.memberships.get(user=bob)
    lead = as_user(alice)
    lead.post(f"/p/wall/people/{member.pk}/pause/", {"state": "paused"})
    assert "paused" in lead.get("/p/wall/people/").content.decode()
    assert as_user(bob).get("/p/wall/label/").status_code == 200
    paused = Project.objects.get(pk=project.pk)
    paused.paused = True
    assert hand_out(paused, by=bob).lease is None
    with pytest.raises(Refused):
        people.pause(member, by=alice)
    lead.post(f"/p/wall/people/{member.pk}/pause/", {"state": "going"})
    assert hand_out(project, by=bob).lease is not None
    assert lead.get("/p/wall/people/").status_code == 200
