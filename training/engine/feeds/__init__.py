"""From encoded rows to the batch an algorithm reads: one feed for each kind of batch, found by the batch's type.

A feed knows which columns hold completions, what a window counts, and which forward pass makes the batch.
"""

import typing

from torch import nn

from training.engine import batches
from training.engine.chat import Encoder
from training.engine.training_settings import TrainingSettings


class Feed(typing.Protocol):
    columns: tuple[str, ...]

    def window(self, rows: list) -> batches.Window: ...

    def batch(self, rows: list, *, detail: bool) -> typing.Any: ...


def feed_for(algorithm: type, model: nn.Module, encoder: Encoder, training: TrainingSettings, device: str) -> Feed:
    """The feed of the batch type in the annotation of `algorithm.loss`."""
    from training.engine.feeds import demonstrations, pairs, scored_pairs

    feeds = {
        batches.Demonstrations: demonstrations.DemonstrationFeed,
        batches.Pairs: pairs.PairFeed,
        batches.ScoredPairs: scored_pairs.ScoredPairFeed,
    }
    return feeds[typing.get_type_hints(algorithm.loss)["batch"]](model, encoder, training, device)
