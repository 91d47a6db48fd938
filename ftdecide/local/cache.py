"""Keys and values of a batch, written in place after a beginning that all its rows share."""

# transformers has no complete types: the methods below fill in what its cache calls.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from typing import TYPE_CHECKING

import torch
from transformers import Cache, DynamicCache
from transformers.cache_utils import DynamicLayer

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Prefix = list[tuple[torch.Tensor, torch.Tensor]]
"""Keys and values of one common beginning, a pair a layer, each of shape (1, heads, tokens, head size)."""


class ReservedLayer(DynamicLayer):
    """A layer whose whole room is reserved at once.

    The ordinary dynamic layer copies everything it holds at each new token, which is half of the time of a large batch.
    """

    def __init__(self, rows: int, room: int, prefix: tuple[torch.Tensor, torch.Tensor] | None) -> None:
        super().__init__()
        self.rows = rows
        self.room = room
        self.filled = 0
        self.prefix = prefix

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Reserve the room in the shape of the first states and copy the common beginning into every row."""
        self.dtype, self.device = key_states.dtype, key_states.device
        self.keys = key_states.new_empty(self.rows, key_states.shape[1], self.room, key_states.shape[-1])
        self.values = value_states.new_empty(self.rows, value_states.shape[1], self.room, value_states.shape[-1])
        if self.prefix is not None:
            length = self.prefix[0].shape[-2]
            self.keys[:, :, :length] = self.prefix[0]
            self.values[:, :, :length] = self.prefix[1]
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_args: object, **_kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write new states of shape (rows, heads, new tokens, head size) and return all states so far."""
        if not self.is_initialized:
            self.filled = self.get_seq_length()
            self.lazy_initialization(key_states, value_states)
        keys, values = self.states()
        end = self.filled + key_states.shape[-2]
        keys[:, :, self.filled : end] = key_states
        values[:, :, self.filled : end] = value_states
        self.filled = end
        return keys[:, :, :end], values[:, :, :end]

    def get_seq_length(self) -> int:
        """Tokens held so far, the common beginning included."""
        if not self.is_initialized:
            return self.prefix[0].shape[-2] if self.prefix is not None else 0
        return self.filled

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep only some rows, copying no more than what is filled."""
        keys, values = self.states()
        self.rows = len(indices)
        kept_keys = keys.new_empty(self.rows, *keys.shape[1:])
        kept_values = values.new_empty(self.rows, *values.shape[1:])
        kept_keys[:, :, : self.filled] = keys[indices, :, : self.filled]
        kept_values[:, :, : self.filled] = values[indices, :, : self.filled]
        self.keys, self.values = kept_keys, kept_values

    def states(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Keys and values with all the room reserved for them."""
        assert self.keys is not None  # noqa: S101 - update() reserves before anything reads
        assert self.values is not None  # noqa: S101
        return self.keys, self.values


def can_share(model: "PreTrainedModel") -> bool:
    """Say whether every layer of `model` attends to everything before, so that a beginning may be computed once."""
    layers = DynamicCache(config=model.config).layers
    return all(type(layer) is DynamicLayer for layer in layers)


def reserve(model: "PreTrainedModel", rows: int, room: int, prefix: Prefix | None) -> Cache:
    """Make the cache of a batch: `rows` rows with `room` tokens each, beginning with `prefix`."""
    if not can_share(model):
        return DynamicCache(config=model.config)
    count = len(DynamicCache(config=model.config).layers)
    return Cache(layers=[ReservedLayer(rows, room, prefix[layer] if prefix else None) for layer in range(count)])


@torch.inference_mode()
def compute_prefix(model: "PreTrainedModel", tokens: tuple[int, ...]) -> Prefix:
    """Run the common beginning through the model once and keep its keys and values."""
    count = len(DynamicCache(config=model.config).layers)
    layers = [ReservedLayer(1, len(tokens), None) for _ in range(count)]
    model(input_ids=torch.tensor([tokens]), past_key_values=Cache(layers=[*layers]), use_cache=True, logits_to_keep=1)
    return [layer.states() for layer in layers]
