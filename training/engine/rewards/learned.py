"""A trained reward model as a source of reward."""

from collections.abc import Sequence

import torch

from training.engine.chat import Encoder, Messages
from training.engine.collate import pad_right
from training.engine.nets import folders, heads

ROWS = 64


class LearnedReward:
    """Scores answers as the model was trained to see them, and scaled as its meta says.

    With `normalisation` in the meta the score is (raw - mean) / std over held-out answers: a unit is then a standard
    deviation, so weights of several sources compare.
    """

    def __init__(self, path: str, device: str = "cpu", dtype: str = "float32"):
        self.encoder = Encoder(folders.load_tokenizer(path))
        self.model = folders.load_reward(path, device, self.encoder.pad).requires_grad_(False)
        self.device, self.dtype = device, dtype
        scale = folders.meta(path).get("normalisation") or {"mean": 0.0, "std": 1.0}
        self.mean, self.std = scale["mean"], scale["std"]

    def __call__(self, prompts: Sequence[Messages], completions: Sequence[str]) -> list[float]:
        turns = []
        for prompt, completion in zip(prompts, completions, strict=True):
            turn = self.encoder.turn(prompt, [{"role": "assistant", "content": completion}])
            turns.append((turn.prompt, turn.completion))
        return [(raw - self.mean) / self.std for raw in self._raw(turns)]

    @torch.no_grad()
    def _raw(self, turns: list[tuple[list[int], list[int]]]) -> list[float]:
        """In batches of like length, back in the order they came."""
        order = sorted(range(len(turns)), key=lambda index: -sum(map(len, turns[index])))
        scores = [0.0] * len(turns)
        for start in range(0, len(order), ROWS):
            part = order[start : start + ROWS]
            tokens = pad_right([turns[index] for index in part], self.encoder.pad, self.device)
            for index, score in zip(part, heads.scores(self.model, tokens, self.dtype).tolist(), strict=True):
                scores[index] = score
        return scores
