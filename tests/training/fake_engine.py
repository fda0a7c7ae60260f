"""A stand-in for the engine's `train` verb in tests of launcher and supervision: standard library, milliseconds.

`python fake_engine.py train RUN_DIR` logs `max_steps` steps, saves every `save_steps`, heeds `stop`, its token, and
resumes with `rewound`. `settings.step_seconds` slows it down; `settings.die_at` kills it with SIGKILL, once a step.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path


def main(folder: Path) -> int:
    spec = json.loads((folder / "spec.json").read_text())
    settings, total = spec["settings"], spec["training"]["max_steps"]
    token = os.environ["PLUMBLINE_ATTEMPT"]
    events = folder / "events.jsonl"
    written = events.read_text().splitlines() if events.exists() else []
    seq = json.loads(written[-1])["seq"] + 1 if written else 0
    saved = sorted((folder / "checkpoints").glob("step-*"))
    start = json.loads((saved[-1] / "meta.json").read_text()) if saved else {"step": 0, "seq": -1}

    def write(type_: str, **fields) -> None:
        nonlocal seq
        with open(events, "a") as handle:
            handle.write(json.dumps({"seq": seq, "time": time.time(), "type": type_, **fields}) + "\n")
        seq += 1

    write("started", attempt=token, total_steps=total, resumed_from=start["step"] or None, device="cpu")
    if written:
        write("rewound", step=start["step"], to_seq=start["seq"])
    for step in range(start["step"] + 1, total + 1):
        if (folder / "attempt").read_text() != token:
            return 3
        time.sleep(settings.get("step_seconds", 0))
        write("metrics", step=step, epoch=0.0, values={"loss": 1 / step, "num_tokens": 10 * step})
        wish = (folder / "stop").read_text() if (folder / "stop").exists() else ""
        if step % spec["training"]["save_steps"] == 0 or wish or step == total:
            save(folder, step, seq, write, final=step == total)
        mark = folder / f"died-{step}"
        if step in settings.get("die_at", []) and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if wish:
            write("finished", step=step, outcome="paused" if wish == "pause" else "stopped")
            return 0
    write("finished", step=total, outcome="succeeded")
    return 0


def save(folder: Path, step: int, seq: int, write, *, final: bool) -> None:
    path = folder / "checkpoints" / f"step-{step:06}"
    path.mkdir(parents=True, exist_ok=True)
    (path / "meta.json").write_text(json.dumps({"step": step, "seq": seq}))
    name = f"checkpoints/{path.name}"
    write("checkpoint", step=step, path=name, kind="policy", size_bytes=7, sha256="00", metrics={}, final=final)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[2])))
