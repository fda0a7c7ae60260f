"""Answers of a streamed request while they are written."""

from pathlib import Path

from django.conf import settings

from annotation.models import GenerationRequest
from annotation.streams import NAME, Partial, partials


def stream_path(request: GenerationRequest) -> Path:
    """Where the answers of a streamed request are on their way."""
    return Path(settings.GENERATION_DIR) / request.uid.hex / NAME


def partial_answers(request: GenerationRequest) -> dict[int, Partial]:
    """What has been written so far, by row. Empty before the first word and after the answers are stored."""
    return partials(stream_path(request)) if request.stream else {}
