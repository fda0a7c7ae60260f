"""A checkpoint answers while somebody reads: the real engine, resident, streams into the file that pages look at."""

import pytest

from annotation.models import GenerationRequest
from annotation.selectors.generations import partial_answers, stream_path
from annotation.services import generation as asking
from tests.engine import tiny
from tests.factories import make_checkpoint, make_prompt
from training.services import generation
from training.services.resident import Resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def resident(monkeypatch):
    child = Resident()
    monkeypatch.setattr(generation, "of_this_worker", child)
    yield child
    child.end()


def test_answers_grow_are_stored_and_the_file_goes(
    project, rita, home, resident, tmp_path, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(asking, "enqueue", lambda name, **ids: None)
    model = make_checkpoint(project, path=str(tiny.model_folder(tmp_path / "model")))
    request = asking.request_generation(
        project,
        source=model.source,
        prompts=[make_prompt(project)],
        sampling={"temperature": 1.0, "max_new_tokens": 80, "seed": 1},
        by=rita,
        stream=True,
    )
    seen = []
    store = generation._store

    def watched(row, rows, answers):
        seen.append([partial.text for partial in partial_answers(row).values()])
        return store(row, rows, answers)

    monkeypatch.setattr(generation, "_store", watched)
    with django_capture_on_commit_callbacks(execute=True):
        generation.fulfil(request.pk)
    request.refresh_from_db()
    assert (request.state, request.error) == (GenerationRequest.State.DONE, "")
    text = request.rows.get().completion.text
    growing = [texts[0] for texts in seen if texts and texts[0]]
    assert growing, "nothing could be read on its way"
    assert growing[-1].replace("\x00", "\N{REPLACEMENT CHARACTER}") == text
    assert not stream_path(request).exists()
