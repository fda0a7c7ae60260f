"""Checkpoints that answer what feedback jobs ask: texts and log-probabilities of options, by the resident engine."""

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings

from annotation.judging.asking import Ask, Reply, SpeakerFailed
from annotation.judging.sampling import again
from annotation.judging.verdicts import exclusive
from annotation.models import Source
from annotation.services.endpoint_speaking import EndpointSpeaker
from training.models import Checkpoint
from training.services.resident import EngineFailed, of_this_worker

EVERY_SECONDS = 0.5


def speaker_of(source: Source, sampling: dict):
    """Who answers for a source. Raises SpeakerFailed if nobody does."""
    if source.kind == Source.Kind.ENDPOINT:
        return EndpointSpeaker.of(source, sampling)
    checkpoint = Checkpoint.objects.filter(source=source).first()
    if checkpoint is None:
        raise SpeakerFailed(f"{source.name} is not a model that runs here: it has no checkpoint.")
    return CheckpointSpeaker(checkpoint.path, sampling)


class CheckpointSpeaker:
    """A model folder. The same question and seed get the same answer, whatever else is asked."""

    def __init__(self, path: str, sampling: dict):
        self.path, self.sampling = path, sampling

    def answers(self, asks: Mapping[int, Ask]) -> Iterator[list[tuple[int, Reply]]]:
        """Options and texts are two requests; texts asked again (a verdict that could not be read) are a third."""
        options = {key: ask for key, ask in asks.items() if ask.options}
        if options:
            rows = [{"id": key, "messages": ask.messages, "options": list(ask.options)} for key, ask in options.items()]
            for lines in self._asked("choose", {"rows": rows}):
                yield [(line["id"], _chosen(options[line["id"]], line)) for line in lines]
        for attempt in sorted({ask.attempt for ask in asks.values() if not ask.options}):
            texts = {key: ask for key, ask in asks.items() if not ask.options and ask.attempt == attempt}
            rows = [{"id": key, "messages": ask.messages} for key, ask in texts.items()]
            sampling = again(self.sampling, attempt)
            for lines in self._asked("generate", {"rows": rows, "sampling": sampling, "refuse_long": True}):
                yield [(line["id"], _said(line)) for line in lines]

    def _asked(self, verb: str, request: dict) -> Iterator[list[dict]]:
        folder = Path(settings.GENERATION_DIR) / "feedback" / uuid.uuid4().hex
        ended = False
        try:
            yield from of_this_worker.ask(verb, folder, {"model": self.path} | request, every_seconds=EVERY_SECONDS)
            ended = True
        except EngineFailed as error:
            raise SpeakerFailed(str(error)) from error
        finally:
            if not ended and folder.is_dir():
                (folder / "cancel").touch()


def _chosen(ask: Ask, line: dict) -> Reply:
    if "refused" in line:
        return Reply(refused=line["refused"])
    logprobs = dict(zip(ask.options, line["logprobs"], strict=True))
    return Reply(logprobs=exclusive(logprobs, dict(zip(ask.options, line["tokens"], strict=True))))


def _said(line: dict) -> Reply:
    if "refused" in line:
        return Reply(refused=line["refused"])
    # PostgreSQL stores no NUL.
    return Reply(text=line["text"].replace("\x00", "\N{REPLACEMENT CHARACTER}"), truncated=not line["terminated"])
