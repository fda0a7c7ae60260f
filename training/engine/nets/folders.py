"""Loads model folders (or hub names): safetensors only, no code from the folder, float32 master weights.

A causal folder becomes a reward model by `AutoModelForSequenceClassification` with one label, so that what is saved
loads in transformers and TRL as it is.
"""

import hashlib
import json
from pathlib import Path

import torch
import transformers
from torch import nn

from training.engine.errors import EngineError
from training.engine.nets import hub

MEND = "Choose another model, or put a folder with config.json, model.safetensors and tokenizer files there."


def load_policy(path: str, device: str = "cpu") -> nn.Module:
    """A causal language model that never trains dropout."""
    return _load(transformers.AutoModelForCausalLM, path, device)


def load_reward(path: str, device: str = "cpu", pad_token_id: int | None = None) -> nn.Module:
    """A one-score model. From a causal folder the head is new: drawn from torch's generator, seed it first."""
    model = _load(transformers.AutoModelForSequenceClassification, path, device, num_labels=1)
    if pad_token_id is not None:
        model.config.pad_token_id = pad_token_id
    return model


def load_tokenizer(path: str) -> transformers.PreTrainedTokenizerBase:
    _is_there(path)
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            path, trust_remote_code=False, local_files_only=hub.only_local(path)
        )
    except Exception as error:  # transformers raises a dozen kinds here; all mean the same to people
        raise _cannot("tokenizer of", path, error) from error
    if tokenizer.eos_token_id is None:
        raise EngineError(
            "model", f"The tokenizer of {path} has no end-of-sequence token, so completions could not end. {MEND}"
        )
    return tokenizer


def _load(cls: type, path: str, device: str, **options: object) -> nn.Module:
    _has_safetensors(path)
    quiet = transformers.utils.logging
    level = quiet.get_verbosity()
    quiet.set_verbosity_error()  # a new reward head is meant to be new
    try:
        model = cls.from_pretrained(
            path,
            dtype=torch.float32,
            trust_remote_code=False,
            use_safetensors=True,
            local_files_only=hub.only_local(path),
            **options,
        )
    except Exception as error:
        raise _cannot("model", path, error) from error
    finally:
        quiet.set_verbosity(level)
    return model.to(device).eval()


def _is_there(path: str) -> None:
    """What looks like a path must be one; anything else may be a hub name."""
    if path.startswith(("/", ".", "~")) and not Path(path).is_dir():
        raise EngineError("model", f"There is no model folder {path}. {MEND}")


def _has_safetensors(path: str) -> None:
    _is_there(path)
    folder = Path(path)
    if folder.is_dir() and not any(folder.glob("*.safetensors")):
        found = ", ".join(sorted(entry.name for entry in folder.glob("*.bin"))) or "no weights"
        raise EngineError("model", f"{path} has no safetensors but {found}; pickled weights are not loaded. {MEND}")


def _cannot(what: str, path: str, error: Exception) -> EngineError:
    return EngineError("model", f"The {what} {path} cannot be loaded: {_first_line(error)}. {hub.hint(path)}{MEND}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")


def check_fits(model: nn.Module, length: int, what: str) -> None:
    """Refuses what is longer than the model's positions: some models crash there, others talk nonsense."""
    room = getattr(model.config, "max_position_embeddings", None)
    if room is not None and length > room:
        raise EngineError(
            "data", f"{what} comes to {length} tokens and the model reads {room}. Lower the lengths or choose another."
        )


def parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def weights_sha256(path: str | Path) -> str:
    """Of the safetensors files of a folder, by name; of the name itself for what is not a folder."""
    digest = hashlib.sha256()
    folder = Path(path)
    if not folder.is_dir():
        return hashlib.sha256(str(path).encode()).hexdigest()
    files = sorted(folder.glob("*.safetensors"))
    for file in (file for file in files if file.name != "state.safetensors"):
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def meta(path: str | Path) -> dict:
    """meta.json of a checkpoint of ours; empty for any other folder."""
    file = Path(path) / "meta.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
