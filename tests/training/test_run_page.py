"""The run page and its parts."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_run, make_worker
from training.models import Run

pytestmark = pytest.mark.django_db


def address(run, name="run", *more):
    return reverse(f"training:{name}", args=[run.project.slug, run.pk, *more])


def body(response) -> str:
    return response.content.decode()


def test_it_says_state_parents_progress_and_six_figures(spoken, as_user, rita):
    run = spoken()
    page = body(as_user(rita).get(address(run)))
    assert "Running" in page
    assert run.snapshot.name in page
    assert "starts from <a" in page
    assert "rewarded by rm" in page
    assert page.count('<div class="figure">') == 6
    assert '30<span class="unit">of 100</span>' in page
    assert page.count('data-panel="') >= 8
    assert 'data-panel="reward"' in page


def test_the_head_alone_is_sent_to_htmx_in_a_few_queries(spoken, as_user, rita, django_assert_max_num_queries):
    run = spoken()
    client = as_user(rita)
    headers = {"HX-Request": "true", "HX-Target": "run-head"}
    with django_assert_max_num_queries(12):
        part = body(client.get(address(run), headers=headers))
    assert part.lstrip().startswith('<div id="run-head"')
    assert "<html" not in part
    assert "</dl>" in part


def test_the_whole_page_costs_a_bounded_number_of_queries(spoken, as_user, rita, django_assert_max_num_queries):
    run = spoken()
    client = as_user(rita)
    with django_assert_max_num_queries(32):
        client.get(address(run))


def test_samples_show_the_same_prompt_at_three_steps_with_rewards_by_source(spoken, as_user, rita):
    run = spoken()
    page = body(as_user(rita).get(address(run) + "?prompt=1"))
    assert "reply 1 at 10" in page
    assert "reply 1 at 30" in page
    assert "reply 0 at 30" not in page
    assert "<dt>rm</dt>" in page


def test_the_slider_fetches_cards_of_the_step_it_stands_on(spoken, as_user, rita):
    run = spoken()
    headers = {"HX-Request": "true", "HX-Target": "sample-cards"}
    part = body(as_user(rita).get(address(run) + "?prompt=0&at=1", headers=headers))
    assert part.lstrip().startswith('<div class="samples" id="sample-cards"')
    assert "reply 0 at 20" in part
    assert "reply 0 at 30" not in part


@pytest.mark.parametrize("query", ["?prompt=99&step=12", "?prompt=x&at=-5", "?at=99999", "?against=no&all=7"])
def test_nonsense_in_the_address_shows_the_nearest_there_is(spoken, as_user, rita, query):
    assert as_user(rita).get(address(spoken()) + query).status_code == 200


def test_a_viewer_sees_curves_but_no_words_and_no_buttons(spoken, as_user, vera):
    run = spoken()
    page = body(as_user(vera).get(address(run)))
    assert 'data-panel="reward"' in page
    assert "reply 0" not in page
    assert "Stop" not in page
    assert "Whole log" not in page
    assert as_user(vera).get(address(run, "run-csv")).status_code == 403


def test_a_run_of_another_project_is_not_there(spoken, as_user, rita, cast):
    from tests.factories import make_project

    other = make_run(make_project(slug="other"))
    assert as_user(rita).get(reverse("training:run", args=["wall", other.pk])).status_code == 404


def test_a_run_that_ended_leads_to_a_comparison_with_its_start(spoken, as_user, rita, vera):
    assert 'id="compare"' not in body(as_user(rita).get(address(spoken())))
    run = spoken(state="succeeded")
    query = f"?checkpoint={run.start.pk}&amp;checkpoint={run.checkpoints.get().pk}"
    assert f'/p/wall/compare/new/{query}"' in body(as_user(rita).get(address(run)))
    assert 'id="compare"' not in body(as_user(vera).get(address(run)))
    run.checkpoints.update(kind="reward")
    assert 'id="compare"' not in body(as_user(rita).get(address(run)))


def test_settings_differ_from_the_run_it_was_cloned_from(spoken, as_user, rita):
    first = spoken()
    clone = spoken(cloned_from=first)
    clone.spec["settings"]["beta"] = 0.5
    clone.save()
    page = body(as_user(rita).get(address(clone)))
    section = page[page.index('id="config"') :]
    assert "<code>beta</code>" in section
    assert "0.04" in section
    assert "<code>epsilon</code>" not in section
    assert "<code>epsilon</code>" in body(as_user(rita).get(address(clone) + "?all=1"))


def test_a_queued_run_without_a_worker_says_so_and_how_to_start_one(project, as_user, rita, home):
    run = make_run(project, state="queued")
    page = body(as_user(rita).get(address(run)))
    assert "No worker is running for cpu" in page
    assert "celery -A alignment_site worker -Q cpu" in page
    make_worker(queues=["cpu"])
    assert "worker is running" not in body(as_user(rita).get(address(run)))


def test_a_worker_that_fell_silent_is_no_worker(project, as_user, rita, home):
    make_worker("old", queues=["cpu"], heartbeat_at=timezone.now() - timezone.timedelta(seconds=7))
    page = body(as_user(rita).get(address(make_run(project, state="queued"))))
    assert "The last one, old, was heard from 7 s ago" in page


def test_a_nearly_full_disk_is_said_with_how_much_is_left(project, as_user, rita, home, settings):
    settings.TRAINING = settings.TRAINING | {"disk_floor_bytes": 10**18}
    page = body(as_user(rita).get(address(make_run(project, state="queued"))))
    assert "The disk is nearly full" in page


def test_a_model_that_cannot_be_loaded_is_said_in_the_engines_words(project, as_user, rita, home):
    run = make_run(project, state="failed", error_kind="model", error="No folder /models/gone. Register it again.")
    page = body(as_user(rita).get(address(run)))
    assert "The model cannot be loaded" in page
    assert "Register it again." in page


def test_hostile_words_of_a_sample_do_nothing(project, as_user, rita, spoken):
    run = spoken(steps=0)
    run.file.sample(1, completion="<script>alert(1)</script><img src=x onerror=alert(1)>")
    from training.services import events

    events.ingest(run.pk)
    page = body(as_user(rita).get(address(run)))
    assert "<script>alert" not in page
    assert "<img" not in page


def test_series_come_by_cursor_and_204_when_there_is_nothing_newer(spoken, as_user, rita):
    run = spoken()
    client = as_user(rita)
    first = client.get(address(run, "run-series")).json()
    assert first["reset"]
    assert first["series"]["loss"]["y"][-1] == pytest.approx(1 / 30, rel=1e-5)
    assert {panel["key"] for panel in first["panels"]} >= {"reward", "kl"}
    assert first["levels"] == [{"key": "objective/kl", "y": 8.0, "text": "budget 8"}]
    again = client.get(address(run, "run-series"), {"since": first["seq"], "width": first["width"]})
    assert again.status_code == 204


def test_csv_holds_every_step_of_a_panel(spoken, as_user, rita):
    run = spoken()
    response = as_user(rita).get(address(run, "run-csv") + "?panel=kl")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert rows[0] == ["step", "seconds", "objective/kl"]
    assert len(rows) == 31
    assert float(rows[-1][2]) == 0.05 * 30


def test_the_table_behind_a_chart_explains_its_metrics(spoken, as_user, vera):
    page = body(as_user(vera).get(address(spoken(), "run-table", "kl")))
    assert "k1 summed over a completion" in page
    assert page.count("<tr>") == 31
    assert as_user(vera).get(address(spoken(), "run-table", "nothing")).status_code == 404


def test_the_log_is_text_and_there_when_the_engine_wrote_one(spoken, as_user, rita):
    run = spoken()
    assert b"Nothing was written yet" in as_user(rita).get(address(run, "run-log")).content
    (run.file.path.parent / "engine.log").write_text("step 1 <b>bold</b>\n")
    response = as_user(rita).get(address(run, "run-log"))
    assert response["Content-Type"].startswith("text/plain")
    assert b"".join(response.streaming_content) == b"step 1 <b>bold</b>\n"


@pytest.mark.parametrize(("move", "before", "after"), [
    ("stop", "running", "stopping"), ("pause", "running", "pausing"), ("stop", "queued", "stopped"),
    ("resume", "paused", "queued"), ("resume", "failed", "queued"),
])  # fmt: skip
def test_buttons_move_the_run(project, as_user, rita, move, before, after):
    run = make_run(project, state=before)
    response = as_user(rita).post(address(run, f"run-{move}"))
    assert response.status_code == 302
    assert Run.objects.get(pk=run.pk).state == after


def test_a_button_pressed_too_late_says_so(project, as_user, rita, home):
    run = make_run(project, state="succeeded")
    page = body(as_user(rita).post(address(run, "run-stop"), follow=True))
    assert "is finished: it cannot be stopped" in page


def test_an_alert_offers_a_clone_that_would_mend_it_and_can_be_marked_as_seen(spoken, as_user, rita):
    run = spoken()
    for step in range(31, 36):
        run.file.metrics(step, objective__kl=9.0)
    from training.services import events

    events.ingest(run.pk)
    client = as_user(rita)
    page = body(client.get(address(run)))
    assert "KL went over its budget of 8 at step 31" in page
    assert "Clone with beta 0.12" in page
    client.post(address(run, "alert-seen", run.alerts.get().pk))
    assert "KL went over" not in body(client.get(address(run)))
    assert run.alerts.get().seen_by == rita
