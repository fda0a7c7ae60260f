"""The resident engine: takes requests out of SERVE_DIR/inbox one after another and keeps models loaded between them."""

import contextlib
import json
import os
import time
from pathlib import Path

import torch
import transformers

from training.engine.requests import RESULTS, answer, load
from training.engine.resident_models import ResidentModels

POLL_SECONDS = 0.05


def serve(folder: Path) -> int:
    """Until `stop` is in the folder."""
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))
    inbox, models = Path(folder) / "inbox", ResidentModels(load)
    inbox.mkdir(parents=True, exist_ok=True)
    while not (Path(folder) / "stop").exists():
        waiting = min(inbox.glob("*.json"), default=None)
        if waiting is None:
            time.sleep(POLL_SECONDS)
            continue
        asked = json.loads(waiting.read_text(encoding="utf-8"))
        with contextlib.suppress(FileNotFoundError):  # the request's folder may be gone by now
            if asked["verb"] in RESULTS:
                answer(asked["verb"], Path(asked["folder"]), models)
        waiting.unlink(missing_ok=True)
    return 0
