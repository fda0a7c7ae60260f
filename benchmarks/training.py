"""Speed of sft, reward_bt, dpo and grpo beside TRL's trainers: same model, rows, arithmetic and machine, one command.

`python -m benchmarks.training [--methods dpo grpo] [--steps 40] [--json out.json]`

Each lane runs in a child of its own, so that its peak memory is its own; the lanes of a method take turns, and the
best of `--rounds` counts. Both get the tiny model, float32, the same threads and C allocator settings, no gradient
checkpointing, no evaluation, the demo world's text with its own unequal lengths. Time is counted from the end of the
warm-up steps; work before the first step (TRL's and our cached reference) is not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

from annotation.demo.corpus import conversations
from annotation.snapshot_format import completion_row, preference_row, prompt_row, turn
from training import launcher

MODEL = Path(__file__).resolve().parent.parent / "training" / "tiny" / "model"
LANES = ("plumbline", "trl")
WARM_UP = 5
ROWS = 2000
# rows in a step; for grpo completions, eight for each prompt
SIZES = {"sft": 32, "reward_bt": 32, "dpo": 32, "dpo_cached": 32, "grpo": 64}


def write_data(folder: Path) -> None:
    """Three files of rows: the same for both lanes."""
    said = list(islice(conversations(11), 2 * ROWS))
    asked = [[turn("user", prompt)] for prompt, _reply in said]
    files = {
        "sft": [completion_row(asked[n], said[n][1]) for n in range(ROWS)],
        "pairs": [preference_row(asked[n], said[n][1], said[ROWS + n][1], margin=0.5) for n in range(ROWS)],
        "prompts": [prompt_row(asked[n], None) for n in range(ROWS)],
    }
    for name, rows in files.items():
        (folder / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")


def run_lane(lane: str, method: str, folder: Path, steps: int, threads: int) -> dict:
    """Samples a second and peak memory, from a child."""
    asked = {"method": method, "rows": SIZES[method], "steps": steps, "warm_up": WARM_UP, "threads": threads,
             "data": str(folder), "model": str(MODEL)}  # fmt: skip
    child = subprocess.run(
        [sys.executable, "-m", f"benchmarks.lane_{lane}", json.dumps(asked)],
        env={**os.environ, **launcher.ALLOCATOR, "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1",
             "TOKENIZERS_PARALLELISM": "false", "TRL_EXPERIMENTAL_SILENCE": "1"},
        capture_output=True, text=True,
    )  # fmt: skip
    if child.returncode:
        raise SystemExit(f"{lane} {method} ended with {child.returncode}:\n{child.stderr[-3000:]}")
    return json.loads(child.stdout.strip().splitlines()[-1])


def measure(method: str, folder: Path, options: argparse.Namespace) -> dict:
    best: dict[str, dict] = {}
    for _round in range(options.rounds):
        for lane in LANES:
            found = run_lane(lane, method, folder, options.steps, options.threads)
            if lane not in best or found["samples_per_second"] > best[lane]["samples_per_second"]:
                best[lane] = found
    ours, other = best["plumbline"], best["trl"]
    return {
        "method": method,
        "samples_per_step": SIZES[method],
        **{lane: best[lane] for lane in LANES},
        "speed_ratio": ours["samples_per_second"] / other["samples_per_second"],
        "cpu_ratio": ours["samples_per_cpu_second"] / other["samples_per_cpu_second"],
        "memory_ratio": ours["peak_memory_bytes"] / other["peak_memory_bytes"],
    }


def line(row: dict) -> str:
    ours, other = row["plumbline"], row["trl"]
    rates = [lane["samples_per_second"] for lane in (ours, other)]
    sizes = [lane["peak_memory_bytes"] / 2**20 for lane in (ours, other)]
    return (
        f"{row['method']:12}{rates[0]:10.0f}{rates[1]:10.0f}{row['speed_ratio']:9.2f}{row['cpu_ratio']:9.2f}"
        f"{sizes[0]:10.0f}{sizes[1]:10.0f}{row['memory_ratio']:9.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", nargs="*", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    print(f"{'':12}{'samples a second':>29}{'a CPU s':>9}{'peak memory, MiB':>29}")
    print(f"{'':12}{'ours':>10}{'TRL':>10}{'ratio':>9}{'ratio':>9}{'ours':>10}{'TRL':>10}{'ratio':>9}")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        write_data(Path(folder))
        for method in options.methods:
            rows.append(measure(method, Path(folder), options))
            print(line(rows[-1]), flush=True)
    document = {"threads": options.threads, "steps": options.steps, "rounds": options.rounds, "rows": rows}
    if options.json:
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    else:
        print(json.dumps(document))


if __name__ == "__main__":
    main()
