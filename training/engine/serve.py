"""The resident engine: takes requests out of SERVE_DIR/inbox and keeps models loaded between them.

Large ones are answered one after another. Live ones, which somebody waits for, are answered beside them and beside each
other, so that two models talk at one time.
"""

import contextlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
import transformers

from training.engine.requests import RESULTS, answer, load
from training.engine.resident_models import ResidentModels

POLL_SECONDS = 0.05
LIVE = 4  # live requests answered at a time


def serve(folder: Path) -> int:
    """Until `stop` is in the folder."""
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))
    inbox, models = Path(folder) / "inbox", ResidentModels(load)
    inbox.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    with ThreadPoolExecutor(1) as large, ThreadPoolExecutor(LIVE) as live:
        while not (Path(folder) / "stop").exists():
            for waiting in sorted(inbox.glob("*.json")):
                if waiting.name not in taken:
                    taken.add(waiting.name)
                    asked = json.loads(waiting.read_text(encoding="utf-8"))
                    (live if asked.get("live") else large).submit(_work, asked, waiting, models)
            time.sleep(POLL_SECONDS)
        large.shutdown(cancel_futures=True)
        live.shutdown(cancel_futures=True)
    return 0


def _work(asked: dict, waiting: Path, models: ResidentModels) -> None:
    with contextlib.suppress(FileNotFoundError):  # the request's folder may be gone by now
        if asked["verb"] in RESULTS:
            answer(asked["verb"], Path(asked["folder"]), models)
    waiting.unlink(missing_ok=True)
