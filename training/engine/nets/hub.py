"""Whether the hub answers, asked once and quickly.

Its client tries again for half a minute and more when there is no network; people should hear within seconds that a
name cannot be found here.
"""

import functools
from pathlib import Path

import huggingface_hub
from huggingface_hub import constants

SECONDS = 4


def only_local(path: str) -> bool:
    """True when loading must not ask the hub: the path is a folder, or the hub does not answer (its cache may do)."""
    return Path(path).is_dir() or constants.HF_HUB_OFFLINE or not _answers()


@functools.cache
def _answers() -> bool:
    try:
        huggingface_hub.get_session().head(constants.ENDPOINT, timeout=SECONDS)
    except Exception:
        return False
    return True


def hint(path: str) -> str:
    """A sentence for people when a hub name could not be loaded because nobody was there to ask."""
    if Path(path).is_dir() or _answers():
        return ""
    return f"{constants.ENDPOINT} does not answer from this machine, and {path} is not in its cache. "
