"""Texts as vectors: the mean of the base model's last hidden states, of length one."""

# transformers has no complete types: only numbers leave this function.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Vector = tuple[float, ...]


@dataclass(frozen=True)
class WaitingTexts:
    """Texts in tokens, none of them empty, and the promise of their vectors in the same order."""

    texts: tuple[tuple[int, ...], ...]
    vectors: "Future[list[Vector]]" = field(default_factory=Future[list[Vector]])


@torch.inference_mode()
def embed_batch(network: "PreTrainedModel", texts: Sequence[tuple[int, ...]], most_tokens: int) -> list[Vector]:
    """Return a vector for each text, of the model's hidden size and Euclidean length 1.

    Texts of like length are computed together, at most `most_tokens` padded tokens at a time; equal texts once.
    """
    found: dict[tuple[int, ...], Vector] = {}
    part: list[tuple[int, ...]] = []
    for text in sorted(set(texts), key=len):
        if part and len(text) * (len(part) + 1) > most_tokens:
            found |= zip(part, _embed(network, part), strict=True)
            part = []
        part.append(text)
    found |= zip(part, _embed(network, part), strict=True)
    return [found[text] for text in texts]


def _embed(network: "PreTrainedModel", texts: list[tuple[int, ...]]) -> list[Vector]:
    width = max(map(len, texts))
    # On the right: what comes after a token does not change it.
    tokens = torch.tensor([text + (0,) * (width - len(text)) for text in texts])
    mask = torch.tensor([[1] * len(text) + [0] * (width - len(text)) for text in texts])
    hidden = network.base_model(input_ids=tokens, attention_mask=mask, use_cache=False).last_hidden_state
    means = (hidden * mask.unsqueeze(-1)).sum(dim=1) / mask.sum(dim=1, keepdim=True)
    return [tuple(row) for row in torch.nn.functional.normalize(means, dim=-1).tolist()]
