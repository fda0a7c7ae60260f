"""Runs by API: launched with every problem named, watched, stopped, cloned."""

import numpy as np
import pytest

from annotation.models import Snapshot
from tests.factories import make_checkpoint, make_project, make_run, make_snapshot, make_worker
from training import chunks
from training.models import Alert, Run, Sample
from training.services import points

RUNS = "/api/projects/wall/runs/"


@pytest.fixture
def parts(cast, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    start = make_checkpoint(cast.project, name="tiny", path="/models/tiny")
    pairs = make_snapshot(cast.project, path="/snapshots/pairs")
    return {"name": "dpo-a", "method": "dpo", "snapshot": pairs.pk, "start": start.pk}


def test_a_run_is_launched(api_as, cast, parts):
    asked = parts | {"settings": {"beta": 0.2}, "training": {"max_steps": 5}, "seed": 7}
    made = api_as(cast.rita).post(RUNS, asked, format="json")
    assert made.status_code == 201, made.json()
    row = made.json()
    assert (row["state"], row["settings"]["beta"], row["training"]["max_steps"], row["seed"]) == ("queued", 0.2, 5, 7)
    assert "/models/tiny" not in made.content.decode()
    assert Run.objects.get().created_by == cast.rita


def test_every_problem_of_the_spec_is_named(api_as, cast, parts):
    asked = parts | {"settings": {"beta": -1, "gamma": 2}, "training": {"max_steps": "many"}}
    body = api_as(cast.rita).post(RUNS, asked, format="json").json()
    assert body["status"] == 422
    assert {row["path"] for row in body["errors"]} >= {"settings.beta", "settings.gamma", "training.max_steps"}
    assert not Run.objects.exists()


def test_a_row_of_another_project_is_unknown(api_as, cast, parts):
    foreign = make_snapshot(make_project())
    body = api_as(cast.rita).post(RUNS, parts | {"snapshot": foreign.pk}, format="json").json()
    assert body["errors"] == [{"path": "snapshot", "message": f"This project has no snapshot {foreign.pk}."}]


def test_a_snapshot_that_is_not_frozen_cannot_be_trained_on(api_as, cast, parts):
    Snapshot.objects.update(state="queued")
    body = api_as(cast.rita).post(RUNS, parts, format="json").json()
    assert "data" in {row["path"] for row in body["errors"]}


def test_a_reward_is_a_model_or_a_verifier(api_as, cast, parts):
    body = api_as(cast.rita).post(RUNS, parts | {"rewards": [{"weight": 1}]}, format="json").json()
    assert body["errors"][0]["path"] == "rewards[0]"


def test_stop_resume_pause_clone(api_as, cast, parts):
    client = api_as(cast.rita)
    pk = client.post(RUNS, parts, format="json").json()["id"]
    Run.objects.update(state="queued")
    assert client.post(f"{RUNS}{pk}/pause/").json()["state"] == "paused"
    assert client.post(f"{RUNS}{pk}/stop/").json()["state"] == "stopped"
    again = client.post(f"{RUNS}{pk}/stop/")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert client.post(f"{RUNS}{pk}/resume/").status_code == 200
    clone = client.post(f"{RUNS}{pk}/clone/", {"settings": {"beta": 0.3}, "seed": 1}, format="json").json()
    assert (clone["cloned_from"], clone["settings"]["beta"], clone["seed"]) == (pk, 0.3, 1)
    assert clone["name"] != "dpo-a"


def test_lists_filter(api_as, cast):
    make_run(cast.project, method="dpo")
    make_run(cast.project, method="sft", state="failed")
    client = api_as(cast.vera)
    assert [row["method"] for row in client.get(f"{RUNS}?method=sft").json()["results"]] == ["sft"]
    assert client.get(f"{RUNS}?state=failed").json()["count"] == 1
    assert client.get(f"{RUNS}?state=nowhere").status_code == 400


def test_the_list_takes_as_many_queries_however_long(api_as, cast, django_assert_num_queries):
    for _ in range(5):
        make_run(cast.project)
    with django_assert_num_queries(3):
        api_as(cast.vera).get(RUNS)


@pytest.fixture
def watched(cast):
    run = make_run(cast.project, step=3, event_seq=3)
    column = chunks.points_of([(1, 0.5, 10.0, 1), (2, float("nan"), 11.0, 2), (3, 0.25, 12.0, 3)])
    points.add(run, {"loss": column})
    return run


def test_curves_come_once_and_then_only_what_is_new(api_as, cast, watched):
    client = api_as(cast.vera)
    first = client.get(f"{RUNS}{watched.pk}/curves/").json()
    assert first["reset"] is True
    assert first["series"]["loss"]["y"][0] == 0.5
    assert client.get(f"{RUNS}{watched.pk}/curves/?since={first['seq']}&width={first['width']}").status_code == 204
    assert client.get(f"{RUNS}{watched.pk}/curves/?axis=sideways").json()["errors"][0]["path"] == "axis"


def test_points_come_whole(api_as, cast, watched):
    client = api_as(cast.vera)
    assert client.get(f"{RUNS}{watched.pk}/points/").json() == {"keys": ["loss"]}
    table = client.get(f"{RUNS}{watched.pk}/points/?key=loss").json()
    assert table == {"columns": ["step", "seconds", "loss"], "rows": [[1, 0, 0.5], [2, 1, None], [3, 2, 0.25]]}
    assert client.get(f"{RUNS}{watched.pk}/points/?key=joy").json()["errors"][0]["path"] == "key"


def test_samples_and_alerts(api_as, cast, watched):
    Sample.objects.create(run=watched, step=2, prompt_index=0, prompt=[], completion="Hello", rewards={"rm": 1.5})
    Alert.objects.create(run=watched, kind="kl_budget", step=2, title="KL", cause="c", advice="a")
    samples, alerts = f"{RUNS}{watched.pk}/samples/?step=2", f"{RUNS}{watched.pk}/alerts/"
    assert api_as(cast.rita).get(samples).json()["results"][0]["rewards"] == {"rm": 1.5}
    assert api_as(cast.vera).get(samples).status_code == 403
    assert api_as(cast.vera).get(alerts).json()["results"][0]["kind"] == "kl_budget"


def test_the_log_is_for_those_who_run(api_as, cast, watched, home):
    folder = home / "runs" / watched.uid.hex
    folder.mkdir(parents=True)
    (folder / "engine.log").write_bytes(b"x" * 300_000 + b"the end \xff")
    body = api_as(cast.rita).get(f"{RUNS}{watched.pk}/log/").json()
    assert body["text"].endswith("the end \ufffd")
    assert body["complete"] is False
    assert api_as(cast.vera).get(f"{RUNS}{watched.pk}/log/").status_code == 403


def test_methods_and_workers(api_as, cast):
    make_worker("gpu-0")
    client = api_as(cast.charlie)
    assert {"sft", "reward_bt", "dpo", "grpo"} <= {row["name"] for row in client.get("/api/methods/").json()["methods"]}
    assert client.get("/api/methods/dpo/").json()["settings"][0]["name"] == "beta"
    assert client.get("/api/methods/alchemy/").status_code == 404
    assert [(row["name"], row["ready"]) for row in client.get("/api/workers/").json()["results"]] == [("gpu-0", True)]


def test_floats_that_json_cannot_say_are_null():
    from training.api.watching import finite

    assert [finite(value) for value in (1, 0.5, np.nan, np.inf, -np.inf, None)] == [1, 0.5, None, None, None, None]
