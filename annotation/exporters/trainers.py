"""A snapshot's rows in the columns of other trainers: HH-RLHF transcripts, OpenRLHF, LLaMA-Factory. Pure.

A converter takes a row of a snapshot's format and gives the row there, or None where that trainer has no place for it.
"""

from collections.abc import Callable

_HH = {"user": "Human", "assistant": "Assistant"}
_GPT = {"user": "human", "assistant": "gpt"}


def _hh(row: dict) -> dict | None:
    """Both sides as whole transcripts; none where a text would be read as a turn, or a system turn has no place."""
    prompt = row["prompt"]
    if any(turn["role"] not in _HH for turn in prompt):
        return None
    sides = {side: [*prompt, *row[side]] for side in ("chosen", "rejected")}
    texts = (turn["content"] for turns in sides.values() for turn in turns)
    if any(f"\n\n{name}:" in f"\n\n{text}" for text in texts for name in _HH.values()):
        return None
    return {side: "".join(f"\n\n{_HH[turn['role']]}: {turn['content']}" for turn in turns)
            for side, turns in sides.items()}  # fmt: skip


def _open_pair(row: dict) -> dict:
    kept = {name: row[name] for name in ("prompt", "chosen", "rejected")}
    return {**kept, "margin": row["margin"]} if "margin" in row else kept


def _open_thumb(row: dict) -> dict:
    return {"prompt": row["prompt"], "response": row["completion"], "score": 1 if row["label"] else -1}


def _open_shown(row: dict) -> dict:
    return {"input": row["prompt"], "output": row["completion"]}


def _open_prompt(row: dict) -> dict:
    return {"input": row["prompt"], "label": row["reference"] or ""}


def _conversation(prompt: list[dict]) -> dict | None:
    """Turns as from and value; a first system turn stands in a column of its own."""
    system = prompt[0]["content"] if prompt[0]["role"] == "system" else None
    turns = prompt[1:] if system is not None else prompt
    wanted = ["user" if place % 2 == 0 else "assistant" for place in range(len(turns))]
    if [turn["role"] for turn in turns] != wanted or len(turns) % 2 == 0:
        return None  # there, turns must alternate and the user speaks last
    made: dict = {"conversations": [_said(turn) for turn in turns]}
    return made if system is None else {**made, "system": system}


def _said(turn: dict) -> dict:
    return {"from": _GPT[turn["role"]], "value": turn["content"]}


def _factory_pair(row: dict) -> dict | None:
    made = _conversation(row["prompt"])
    return made and {**made, "chosen": _said(row["chosen"][0]), "rejected": _said(row["rejected"][0])}


def _factory_thumb(row: dict) -> dict | None:
    made = _factory_shown(row)
    return made and {**made, "kto_tag": row["label"]}


def _factory_shown(row: dict) -> dict | None:
    made = _conversation(row["prompt"])
    return made and {**made, "conversations": [*made["conversations"], _said(row["completion"][0])]}


Converter = Callable[[dict], dict | None]
CONVERTERS: dict[str, dict[str, Converter]] = {
    "hh_rlhf": {"preference": _hh},
    "openrlhf": {
        "preference": _open_pair,
        "unpaired_preference": _open_thumb,
        "prompt_completion": _open_shown,
        "prompt_only": _open_prompt,
    },
    "llama_factory": {
        "preference": _factory_pair,
        "unpaired_preference": _factory_thumb,
        "prompt_completion": _factory_shown,
    },
}
TITLES = {
    "hh_rlhf": "HH-RLHF: chosen and rejected transcripts",
    "openrlhf": "OpenRLHF: prompt, chosen, rejected as messages",
    "llama_factory": "LLaMA-Factory: sharegpt, with dataset_info.json",
}


def dataset_info(name: str, format: str, splits: tuple[str, ...]) -> dict:
    """LLaMA-Factory's description of the files."""
    columns = {"messages": "conversations", "system": "system"}
    if format == "preference":
        columns |= {"chosen": "chosen", "rejected": "rejected"}
    elif format == "unpaired_preference":
        columns |= {"kto_tag": "kto_tag"}
    ranking = {"ranking": True} if format == "preference" else {}
    return {
        f"{name}_{split}": {"file_name": f"{split}.jsonl", "formatting": "sharegpt", **ranking, "columns": columns}
        for split in splits
    }
