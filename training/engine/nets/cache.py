"""A key-value cache with room: written in place instead of concatenated at every token."""

import torch
import transformers
from transformers.cache_utils import DynamicCache, DynamicLayer


class RoomyLayer(DynamicLayer):
    """Behaves as DynamicLayer; `keys` and `values` are views of the beginning of larger buffers."""

    def __init__(self, room: int):
        super().__init__()
        self.room = room

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        super().lazy_initialization(key_states, value_states)
        self._stores = [self._store(key_states), self._store(value_states)]
        self._show(0)

    def update(self, key_states, value_states, *_args, **_kwargs):
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        start, end = self.get_seq_length(), self.get_seq_length() + key_states.shape[-2]
        for store, states in zip(self._stores, (key_states, value_states), strict=True):
            store[:, :, start:end] = states
        self._show(end)
        return self.keys, self.values

    def batch_repeat_interleave(self, repeats: int) -> None:
        self._rebuild([store.repeat_interleave(repeats, dim=0) for store in self._stores])

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        self._rebuild([store[indices] for store in self._stores])

    def _store(self, states: torch.Tensor) -> torch.Tensor:
        rows, heads, _length, width = states.shape
        return states.new_empty(rows, heads, self.room, width)

    def _rebuild(self, stores: list[torch.Tensor]) -> None:
        length = self.get_seq_length()
        self._stores = stores
        self._show(length)

    def _show(self, length: int) -> None:
        self.keys, self.values = (store[:, :, :length] for store in self._stores)


def roomy_cache(config: transformers.PretrainedConfig, room: int) -> DynamicCache:
    """A cache for `room` tokens; layers with a sliding window keep their own kind."""
    cache = DynamicCache(config=config)
    cache.layers = [RoomyLayer(room) if type(layer) is DynamicLayer else layer for layer in cache.layers]
    return cache
