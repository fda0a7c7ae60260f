"""Quality reports in the database: asked for, computed once, stored whole, refreshed when there is more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.errors import Refused
from annotation.models import Disagreement, Item, Judgment, QualityReport, RaterFigures
from annotation.selectors import quality_source
from annotation.selectors.quality_source import originals, weighed_items
from annotation.services import quality
from annotation.services.quality import compute, refresh_reports, request_report, resume_reports
from tests.factories import make_judgment, make_pair_item, make_project, make_rater

pytestmark = pytest.mark.django_db
State = QualityReport.State


@pytest.fixture
def judged(project):
    """Sixty items, judged by two; they differ on every fourth."""
    one, other = make_rater(project, name="one"), make_rater(project, name="other")
    for n in range(60):
        item = make_pair_item(project, "short", f"longer words {n}")
        make_judgment(item, rater=one, strength=2, active_ms=9000)
        make_judgment(item, rater=other, strength=-3 if n % 4 == 0 else 1, shown_order=[1, 0])
    return project


@pytest.fixture
def rung(monkeypatch):
    """The wake-ups, caught."""
    calls = []
    monkeypatch.setattr(quality, "enqueue", lambda name, **ids: calls.append((name, ids)))
    return calls


def test_a_report_is_asked_for_and_computed(judged, alice, rung):
    made = request_report(judged, by=alice)
    assert rung == [("annotation.compute_quality", {"report_id": made.pk})]
    assert made.state == State.QUEUED
    compute(made.pk)
    made.refresh_from_db()
    assert made.state == State.READY
    assert (made.judgments_done, made.judgments_total) == (120, 120)
    assert made.body["judgments"] == 120
    assert made.body["shared"] == 60
    raw = next(row for row in made.body["agreement"] if row["measure"] == "raw")
    assert raw["value"] == pytest.approx(0.75)
    # `one` always takes the shorter; it stood left.
    figures = RaterFigures.objects.get(report=made, rater__name="one").figures
    assert figures["left"]["value"] == 1
    assert figures["longer"]["value"] == 0
    assert figures["seconds"]["median"] == 9.0
    assert Disagreement.objects.filter(report=made).count() == 60
    worst = Disagreement.objects.filter(report=made).order_by("-score").first()
    assert worst.score == pytest.approx(5 / 8)


def test_a_second_delivery_does_nothing(judged, alice, rung):
    made = request_report(judged, by=alice)
    compute(made.pk)
    finished = QualityReport.objects.get(pk=made.pk).finished_at
    compute(made.pk)
    assert QualityReport.objects.get(pk=made.pk).finished_at == finished
    assert RaterFigures.objects.count() == 2


def test_one_at_a_time_of_each_scope(judged, alice, rung):
    first = request_report(judged, by=alice)
    assert request_report(judged, by=alice).pk == first.pk
    assert request_report(judged, by=alice, queue="label").pk != first.pk
    assert len(rung) == 2


def test_nothing_to_weigh_is_refused(project, alice, rung):
    with pytest.raises(Refused, match="nothing to weigh"):
        request_report(project, by=alice)
    make_judgment(make_pair_item(project), ended=False)
    with pytest.raises(Refused, match="ended sitting"):
        request_report(project, by=alice)
    with pytest.raises(Refused, match="2026-11-21"):
        request_report(project, by=alice, since="yesterday")
    assert not QualityReport.objects.exists()


def test_a_scope_is_kept_to(judged, alice, rung):
    old = timezone.now() - timedelta(days=30)
    Judgment.objects.filter(pk__in=Judgment.objects.order_by("pk")[:40]).update(judged_at=old)
    other = make_pair_item(judged, queue="task:other")
    make_judgment(other)
    day = timezone.localdate().isoformat()
    for scope, count in (({"since": day}, 81), ({"queue": "task:other"}, 1), ({"until": old.date().isoformat()}, 40)):
        made = request_report(judged, by=alice, **scope)
        compute(made.pk)
        made.refresh_from_db()
        assert made.body["judgments"] == count, scope


def test_what_does_not_count_is_left_out(judged, alice, rung):
    item = Item.objects.first()
    make_judgment(item, withdrawn=True)
    make_judgment(item, surplus=True)
    make_judgment(item, blind=False)
    make_judgment(item, rater=make_rater(judged, kind="judge", name="a model"))
    make_judgment(make_pair_item(judged, queue="compare:1"), origin="compare")
    make_judgment(make_pair_item(judged, put_aside=True))
    make_judgment(make_pair_item(judged, published=False))
    make_judgment(make_pair_item(make_project()))
    made = request_report(judged, by=alice)
    compute(made.pk)
    made.refresh_from_db()
    assert made.body["judgments"] == 120


def test_what_came_after_it_was_asked_for_is_not_in_it(judged, alice, rung):
    made = request_report(judged, by=alice)
    make_judgment(make_pair_item(judged))
    compute(made.pk)
    made.refresh_from_db()
    assert made.body["judgments"] == 120


def test_texts_repeats_and_known_answers_are_read(project):
    rater = make_rater(project, name="one")
    item = make_pair_item(project, "**bold**\n- point", "plain", gold={"preferred": 0})
    repeat = make_pair_item(project, "plain", "**bold**\n- point", prompt=item.prompt, repeat_of=item)
    make_judgment(item, rater=rater, strength=2)
    make_judgment(repeat, rater=rater, strength=-1, value={"criteria": {"helpful": 1}})
    assert originals(project) == {item.pk}
    [(one, said), (two, again)] = [pair for batch in weighed_items(project) for pair in batch]
    assert one.marks == (2, 0)
    assert one.sizes == (16, 5)
    assert one.answers == two.answers[::-1]
    assert one.prompt == two.prompt
    assert (one.gold, two.repeat_of) == ({"preferred": 0}, item.pk)
    assert said[0].left == 0
    assert again[0].value == {"criteria": {"helpful": 1}}


def test_queries_are_few_and_as_many_for_any_batch(judged):
    def asked(batch):
        with CaptureQueriesContext(
            connection,
        ) as caught:
            list(weighed_items(judged, batch=batch))
        return len(caught)

    assert asked(60) <= 8
    assert asked(20) <= 4 + 3 * 6
    assert quality_source.BATCH <= 2000  # texts of so many items lie in memory at once


def test_newer_reports_replace_the_items_and_keep_the_figures(judged, alice, rung):
    for _ in range(2):
        compute(request_report(judged, by=alice).pk)
    first, second = QualityReport.objects.order_by("pk")
    assert Disagreement.objects.filter(report=first).count() == 0
    assert Disagreement.objects.filter(report=second).count() == 60
    assert RaterFigures.objects.filter(report=first).count() == 2


def test_a_mistake_fails_the_report_and_writes_nothing(judged, alice, rung, monkeypatch):
    made = request_report(judged, by=alice)
    monkeypatch.setattr(quality, "report", lambda gathered: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        compute(made.pk)
    made.refresh_from_db()
    assert made.state == State.FAILED
    assert "made a mistake" in made.error
    assert not RaterFigures.objects.exists()
    request_report(judged, by=alice)  # and it can be asked for again


def test_a_silent_worker_s_report_goes_back_and_its_own_end_is_refused(judged, alice, rung, monkeypatch):
    made = request_report(judged, by=alice)

    def taken_over(gathered):
        QualityReport.objects.filter(pk=made.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))
        resume_reports()
        return real(gathered)

    real = quality.report
    monkeypatch.setattr(quality, "report", taken_over)
    compute(made.pk)
    made.refresh_from_db()
    assert made.state == State.QUEUED
    assert not RaterFigures.objects.exists()
    assert rung[-1] == ("annotation.compute_quality", {"report_id": made.pk})
    monkeypatch.setattr(quality, "report", real)
    compute(made.pk)
    made.refresh_from_db()
    assert made.state == State.READY


def test_projects_that_have_grown_are_computed_by_themselves(judged, alice, rung):
    refresh_reports()
    first = QualityReport.objects.get()
    assert first.created_by is None
    compute(first.pk)
    refresh_reports()
    assert QualityReport.objects.count() == 1
    QualityReport.objects.update(created_at=timezone.now() - timedelta(hours=2))
    refresh_reports()
    assert QualityReport.objects.count() == 1  # nothing new
    for _ in range(quality.LEAST_NEW):
        make_judgment(make_pair_item(judged))
    refresh_reports()
    assert QualityReport.objects.count() == 2


def test_a_project_of_running_sittings_is_left_alone(project, rung):
    for _ in range(quality.LEAST_NEW):
        make_judgment(make_pair_item(project), ended=False)
    refresh_reports()
    assert not QualityReport.objects.exists()
