"""The other pages: list, overlay, models, methods, machines."""

import io
import tarfile

import pytest
from django.utils import timezone

from annotation.models import GenerationRequest, Item
from tests.factories import make_checkpoint, make_completion, make_project, make_prompt, make_run, make_worker
from training import catalogue
from training.models import Checkpoint, Collection
from training.services import collections

pytestmark = pytest.mark.django_db


def body(response) -> str:
    return response.content.decode()


def test_the_list_filters_by_state_method_and_words(project, as_user, rita, home):
    make_run(project, name="dpo-orchard", state="running")
    make_run(project, name="sft-meadow", method="sft", state="failed")
    client = as_user(rita)
    assert "dpo-orchard" in body(client.get("/p/wall/runs/"))
    for query, there, gone in [
        ("state=failed", "sft-meadow", "dpo-orchard"),
        ("method=dpo", "dpo-orchard", "sft-meadow"),
        ("q=mead", "sft-meadow", "dpo-orchard"),
    ]:
        page = body(client.get(f"/p/wall/runs/?{query}"))
        assert there in page
        assert gone not in page
    assert "No run is like that" in body(client.get("/p/wall/runs/?q=zzz"))


def test_an_empty_list_says_how_to_begin_and_a_viewer_cannot(project, as_user, rita, vera, home):
    assert "No runs yet" in body(as_user(rita).get("/p/wall/runs/"))
    assert "New run" not in body(as_user(vera).get("/p/wall/runs/"))


def test_the_list_shows_latest_values_of_the_metrics_that_matter(spoken, as_user, rita):
    spoken(steps=30)
    page = body(as_user(rita).get("/p/wall/runs/"))
    assert "KL to reference" in page
    assert "1.50" in page  # 0.05 nats a step


def test_the_list_costs_the_same_however_many_runs(project, as_user, rita, home, django_assert_max_num_queries):
    for _ in range(12):
        make_run(project)
    client = as_user(rita)
    with django_assert_max_num_queries(10):
        client.get("/p/wall/runs/")


def test_overlay_names_runs_in_order_and_what_differs(spoken, as_user, rita):
    first, second = spoken(), spoken(seed=43)
    page = body(as_user(rita).get(f"/p/wall/runs/overlay/?run={second.pk}&run={first.pk}&run=x"))
    assert page.index(second.name) < page.index(first.name)
    assert "2 runs overlaid" in page
    assert "<code>seed</code>" in page
    assert f"/p/wall/runs/{first.pk}/series/" in page


def test_overlay_without_a_run_and_with_a_foreign_one(project, as_user, rita):
    foreign = make_run(make_project(slug="other"))
    assert "No run chosen" in body(as_user(rita).get(f"/p/wall/runs/overlay/?run={foreign.pk}"))


def test_a_model_is_registered_if_it_is_one(project, as_user, rita, tmp_path, home):
    folder = tmp_path / "model"
    folder.mkdir()
    client = as_user(rita)

    def send(**values):
        return client.post("/p/wall/checkpoints/new/", {"name": "m", "path": str(folder), "kind": "policy"} | values)

    assert "no config.json" in body(send())
    (folder / "config.json").write_text("{}")
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    response = send()
    assert response.status_code == 422
    assert "Only pickled weights" in body(response)
    (folder / "model.safetensors").write_bytes(b"12345678")
    response = send()
    made = Checkpoint.objects.get()
    assert response.headers["Location"] == f"/p/wall/checkpoints/{made.pk}/"
    assert (made.size_bytes, made.source.key) == (8, f"checkpoint:{made.uid}")
    assert "is taken" in body(send())
    assert "no folder" in body(send(name="n", path="/no/such/folder"))
    assert send(name="hub", path="owner/model").status_code == 302


def test_a_checkpoint_says_where_it_came_from_and_promotion_can_be_withdrawn(spoken, as_user, rita):
    checkpoint = spoken(steps=20).checkpoints.get()
    client = as_user(rita)
    page = body(client.get(f"/p/wall/checkpoints/{checkpoint.pk}/"))
    assert "This checkpoint" in page
    assert "Reward model" in page
    for expected in (True, False):
        client.post(f"/p/wall/checkpoints/{checkpoint.pk}/promote/")
        checkpoint.refresh_from_db()
        assert (checkpoint.promoted_at is not None) is expected


def test_a_download_is_a_tar_of_the_folder_without_optimiser_state(project, as_user, rita, vera, tmp_path):
    contents = {"config.json": b"{}", "model.safetensors": b"x" * 3_000_000, "tokenizer.json": b"a" * 512}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "state.safetensors").write_bytes(b"secret sauce")
    checkpoint = make_checkpoint(project, name="dpo-1 at 1,200", path=str(tmp_path))
    address = f"/p/wall/checkpoints/{checkpoint.pk}/download/"
    response = as_user(rita).get(address)
    with tarfile.open(fileobj=io.BytesIO(b"".join(response.streaming_content))) as archive:
        assert {m.name: archive.extractfile(m).read() for m in archive} == {
            f"dpo-1-at-1200/{name}": data for name, data in contents.items()
        }
    assert as_user(vera).get(address).status_code == 403
    hub = make_checkpoint(project, path="owner/model")
    assert as_user(rita).get(f"/p/wall/checkpoints/{hub.pk}/download/").status_code == 404


def test_labels_are_collected_on_a_model_and_identical_answers_are_left_out(project, as_user, rita):
    prompts = [make_prompt(project, prompt_set="held") for _ in range(3)]
    checkpoint = make_checkpoint(project)
    address = f"/p/wall/checkpoints/{checkpoint.pk}/collect/"
    client = as_user(rita)
    assert client.post(address, {"prompt_set": "held", "count": "0", "temperature": "1"}).status_code == 422
    client.post(address, {"prompt_set": "held", "count": "3", "temperature": "1"})
    collection = Collection.objects.get()
    for request in (collection.first, collection.second):
        assert Item.objects.count() == 0
        for number, row in enumerate(request.rows.order_by("prompt_id")):
            text = "the same" if number == 0 else f"{request.sampling['seed']}-{number}"
            existing = row.prompt.completions.filter(text=text).first()
            row.completion = existing or make_completion(row.prompt, text, source=checkpoint.source)
            row.save()
        GenerationRequest.objects.filter(pk=request.pk).update(state="done")
        collections.finish_ready(request)
    collection.refresh_from_db()
    assert (collection.item_count, Item.objects.count()) == (2, 2)
    assert {item.prompt for item in Item.objects.all()} == set(prompts[1:])
    collections.finish_ready(collection.first)
    assert Item.objects.count() == 2


def test_every_method_has_a_page_with_its_formula_built_from_known_elements(as_user, rita, cast):
    client = as_user(rita)
    for method in catalogue.methods():
        page = body(client.get(f"/methods/{method['name']}/"))
        assert '<math display="block">' in page
        assert method["source"].split(",")[0] in page
    assert client.get("/methods/magic/").status_code == 404


def test_formulas_let_nothing_through_but_formulas():
    from training.templatetags.mathml import mathml

    text = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi onclick="x()">a&lt;b</mi><script>alert(1)</script></math>'
    )
    assert mathml(text) == "<math><mi>a&lt;b</mi></math>"


def test_machines_tell_what_a_worker_does_only_to_those_who_may_see_the_run(project, as_user, rita, charlie, home):
    run = make_run(project, state="running")
    make_worker("runs@box", queues=["cpu"], run=run, doing="dpo-1 in Wall")
    make_worker("old@box", queues=["gpu"], heartbeat_at=timezone.now() - timezone.timedelta(minutes=5))
    mine = body(as_user(rita).get("/machines/"))
    assert "dpo-1 in Wall" in mine
    assert "Silent for 5 min" in mine
    theirs = body(as_user(charlie).get("/machines/"))
    assert "dpo-1 in Wall" not in theirs
    assert "a run of another project" in theirs


def test_without_any_worker_the_page_says_how_to_start_one(project, as_user, rita, home):
    assert "celery -A alignment_site worker" in body(as_user(rita).get("/machines/"))
