"""From a method to a run, through the pages: choose, fill in, be checked, start."""

import pytest
from django.urls import reverse

from tests.factories import make_checkpoint, make_run, make_snapshot
from training import catalogue
from training.models import Preflight, Run

pytestmark = pytest.mark.django_db
NEW = "/p/wall/runs/new/"


@pytest.fixture
def rows(project, home):
    return {
        "snapshot": make_snapshot(project, name="pairs-9", path="/data/pairs").pk,
        "start": make_checkpoint(project, name="tiny", path="owner/tiny", size_bytes=4_000_000).pk,
    }


def fields(rows, **changes):
    values = {"method": "dpo", "name": "dpo-1", "queue": "cpu", "seed": "7", "settings.beta": "0.2"}
    return values | rows | {"training.max_steps": "20"} | changes


def body(response) -> str:
    return response.content.decode()


def test_methods_are_cards_that_lead_to_their_forms(as_user, rita, project):
    page = body(as_user(rita).get(NEW))
    for method in ("sft", "reward_bt", "dpo", "grpo"):
        assert f"{NEW}?method={method}" in page
    assert "No snapshot is frozen yet" in page


def test_what_was_chosen_on_the_way_goes_along(as_user, rita, rows):
    page = body(as_user(rita).get(NEW, {"snapshot": rows["snapshot"], "start": rows["start"], "name": "x"}))
    assert f'?method=dpo&amp;snapshot={rows["snapshot"]}&amp;start={rows["start"]}"' in page


def test_the_form_has_a_field_for_every_setting_with_the_preset_of_a_small_model(as_user, rita, rows):
    page = body(as_user(rita).get(NEW + "?method=dpo"))
    for name in ("settings.beta", "settings.label_smoothing", "training.learning_rate", "training.kl_budget"):
        assert f'name="{name}"' in page
    small = catalogue.method("dpo")["presets"]["tiny"]["training"]["learning_rate"]
    assert f'name="training.learning_rate" id="id_training.learning_rate" value="{small:g}"' in page
    assert "The leash" in page
    paper = body(as_user(rita).get(NEW + "?method=dpo&preset=paper"))
    assert 'name="training.learning_rate" id="id_training.learning_rate" value="5e-07"' in paper


def test_a_preset_keeps_what_was_chosen_above(as_user, rita, rows, project):
    other = make_snapshot(project, name="pairs-10")
    page = body(as_user(rita).get(NEW, {"method": "dpo", "preset": "paper", "name": "mine", "snapshot": other.pk}))
    assert 'value="mine"' in page
    assert f'<option value="{other.pk}" selected>' in page


def test_good_values_lead_to_the_check_and_from_there_to_a_run_once(as_user, rita, rows):
    client = as_user(rita)
    sent = client.post(NEW, fields(rows))
    preflight = Preflight.objects.get()
    assert sent.headers["Location"] == reverse("training:run-check", args=["wall", preflight.pk])
    assert preflight.spec["settings"]["beta"] == 0.2
    assert Run.objects.count() == 0
    page = body(client.get(sent.headers["Location"]))
    assert "Waiting for a worker to look" in page
    assert "No worker is running for sample" in page
    started = client.post(sent.headers["Location"])
    run = Run.objects.get()
    assert started.headers["Location"] == reverse("training:run", args=["wall", run.pk])
    assert (run.state, run.seed, run.spec["training"]["max_steps"], run.created_by) == ("queued", 7, 20, rita)
    client.post(sent.headers["Location"])
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"settings.beta": "50"}, "Must lie between 0.001 and 10; 0.1 is usual."),
        ({"settings.beta": "strong"}, "“strong” is not a number. 0.1 is usual."),
        ({"training.logging_steps": "2.5"}, "Must be a whole number. 10 is usual."),
        ({"settings.beta": "nan"}, "Must lie between"),
        ({"training.dtype": "float8"}, "float8 is not one of the available choices"),
        ({"snapshot": ""}, "Choose a snapshot."),
        ({"start": "99999"}, "This one is not there any more"),
        ({"name": ""}, "required"),
        ({"seed": "-1"}, "greater than or equal to 0"),
    ],
)
def test_a_wrong_value_comes_back_beside_its_field_with_422(as_user, rita, rows, change, words):
    response = as_user(rita).post(NEW, fields(rows, **change))
    assert response.status_code == 422
    page = body(response)
    assert words in page
    assert 'aria-invalid="true"' in page
    assert "1 value needs a correction" in page
    assert Preflight.objects.count() == 0


def test_a_taken_name_is_refused_with_a_free_one(as_user, rita, rows, project):
    make_run(project, name="dpo-1")
    page = body(as_user(rita).post(NEW, fields(rows)))
    assert "dpo-2 is free" in page


def test_grpo_takes_reward_models_and_verifiers_with_weights(as_user, rita, rows, project):
    reward = make_checkpoint(project, kind="reward", name="rm-1", path="owner/rm")
    client = as_user(rita)
    values = fields(rows, method="grpo", name="grpo-1", **{"training.per_device_train_batch_size": "8"})
    response = client.post(NEW, values)
    assert response.status_code == 422
    response = client.post(
        NEW, values | {"reward-0": f"model:{reward.pk}", "weight-0": "0.5", "reward-1": "verifier:exact_answer"}
    )
    assert response.status_code == 302, body(response)
    rewards = Preflight.objects.get().spec["rewards"]
    assert [(row["kind"], row["weight"]) for row in rewards] == [("model", 0.5), ("verifier", 1.0)]
    client.post(response.headers["Location"])
    assert list(Run.objects.get().rewarded_by.all()) == [reward]


def test_a_group_that_does_not_fit_the_batch_is_said_beside_the_batch(as_user, rita, rows):
    values = fields(rows, method="grpo", **{"reward-0": "verifier:exact_answer", "settings.num_generations": "5"})
    page = body(as_user(rita).post(NEW, values))
    assert "multiple of num_generations, 5" in page


def test_a_clone_starts_from_the_runs_own_values_and_takes_changes_from_the_address(as_user, rita, rows, project):
    from training.services.runs import create_run

    run = create_run(
        project,
        by=rita,
        name="dpo-7",
        method="dpo",
        settings={"beta": 0.3},
        training={"max_steps": 12},
        snapshot=project.snapshots.get(pk=rows["snapshot"]),
        start=project.checkpoints.get(pk=rows["start"]),
    )
    client = as_user(rita)
    page = body(client.get(f"{NEW}?clone={run.pk}&training.learning_rate=0.01"))
    assert 'value="dpo-1"' in page
    assert 'id="id_settings.beta" value="0.3"' in page
    assert 'id="id_training.learning_rate" value="0.01"' in page
    assert f'name="clone" value="{run.pk}"' in page
    sent = client.post(NEW, fields(rows, clone=str(run.pk)))
    client.post(sent.headers["Location"])
    assert Run.objects.get(name="dpo-1").cloned_from == run


RESULT = {
    "problems": [],
    "rows": {
        "train": 90,
        "validation": 10,
        "test": 0,
        "truncated": 0,
        "dropped": 3,
        "reasons": {"longer than 64 tokens": 3},
    },
    "lengths": {"p50": 20, "p95": 40, "max": 60},
    "padding_share": 0.125,
    "samples": [
        {
            "columns": {},
            "tokens": [{"text": "<b>Hi", "id": 5, "mask": 0}, {"text": " there", "id": 6, "mask": 1}],
            "ends_with_eos": True,
        }
    ],
    "estimate": {
        "memory_bytes": 2_000_000_000,
        "step_seconds": 0.5,
        "total_seconds": 90,
        "longest_batch": {"rows": 32, "tokens": 1024},
    },
    "total_steps": 180,
}


def checked(project, rita, **fields):
    values = {
        "form": {"method": "dpo"},
        "spec": {"method": "dpo", "name": "dpo-1", "seed": 7, "training": {"max_steps": 180}},
    }
    return Preflight.objects.create(
        project=project, created_by=rita, **values | {"state": "done", "result": RESULT} | fields
    )


def test_the_check_shows_tokens_mask_end_of_sequence_rows_left_out_and_an_estimate(as_user, rita, project, home):
    page = body(as_user(rita).get(f"/p/wall/runs/checks/{checked(project, rita).pk}/"))
    assert '<span class="token" title="5">&lt;b&gt;Hi</span>' in page
    assert '<span class="token" data-mask="1" title="6">·there</span>' in page
    assert "ends with the end-of-sequence token" in page
    assert "3: longer than 64 tokens" in page
    assert '12.5<span class="unit">%</span>' in page
    assert "1,024" in page
    assert "90 s" in page
    assert "Start the run" in page


def test_a_problem_the_engine_found_keeps_the_button_shut(as_user, rita, project, home):
    result = RESULT | {"problems": [{"path": "model", "message": "has no tokenizer"}]}
    page = body(as_user(rita).get(f"/p/wall/runs/checks/{checked(project, rita, result=result).pk}/"))
    assert "has no tokenizer" in page
    assert '<button class="button" data-size="l" type="button" disabled>Start the run</button>' in page


def test_a_check_that_could_not_be_made_says_why(as_user, rita, project, home):
    preflight = checked(project, rita, state="failed", error="The check ended with exit code 1.", result={})
    assert "exit code 1" in body(as_user(rita).get(f"/p/wall/runs/checks/{preflight.pk}/"))


def test_change_something_brings_the_form_back_as_it_was(as_user, rita, rows):
    client = as_user(rita)
    client.post(NEW, fields(rows, **{"settings.beta": "0.25"}))
    page = body(client.get(f"{NEW}?check={Preflight.objects.get().pk}"))
    assert 'id="id_settings.beta" value="0.25"' in page


def test_unknown_methods_and_foreign_checks_are_not_there(as_user, rita, project, cast):
    client = as_user(rita)
    assert client.get(NEW + "?method=magic").status_code == 404
    assert client.get("/p/wall/runs/checks/77/").status_code == 404


CARD = {
    "longer_wins": {"value": 0.69, "n": 900},
    "raters": {"count": 11},
    "agreement": {"value": 0.71, "low": 0.66, "high": 0.75},
    "warnings": [{"title": "The longer answer wins 69 % of the time", "text": "Read every accuracy against that."}],
}


def test_what_to_know_of_a_snapshot_is_said_where_it_is_chosen_and_checked(as_user, rita, rows, project):
    known = make_snapshot(project, name="long-ones", card=CARD)
    client = as_user(rita)
    headers = {"HX-Request": "true", "HX-Target": "advice"}
    part = body(client.get(NEW, {"method": "dpo", "snapshot": known.pk}, headers=headers))
    assert part.lstrip().startswith('<div id="advice"')
    assert "The longer answer wins 69 % of the time" in part
    sent = client.post(NEW, fields(rows, snapshot=known.pk))
    assert "The longer answer wins 69 % of the time" in body(client.get(sent.headers["Location"]))
