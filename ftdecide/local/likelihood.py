"""How likely each token of an answer was, and what else the model might have said there."""

# transformers has no complete types: only texts and numbers leave these functions.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# What OpenAI's interface says of a token that cannot come; minus infinity is no JSON number.
_NEVER = -9999.0


@dataclass(frozen=True)
class Likelihood:
    """A token as text and bytes with the natural logarithm of its probability, and its strongest rivals."""

    text: str
    raw: bytes
    logprob: float
    rivals: "tuple[Likelihood, ...]" = ()


def measure(scores: torch.Tensor, token: int, rivals: int, tokenizer: "PreTrainedTokenizerBase") -> Likelihood:
    """Return how likely `token` was.

    Args:
        scores: the model's own scores before temperature and constraints, of shape (vocabulary,).
        token: what was said.
        rivals: how many of the likeliest tokens to name, `token` among them if it is one.
        tokenizer: turns tokens into text.
    """
    logprobs = torch.log_softmax(scores.double(), dim=-1)
    best = torch.topk(logprobs, rivals) if rivals else None
    named = zip(best.indices.tolist(), best.values.tolist(), strict=True) if best else ()
    others = tuple(_name(int(other), float(logprob), tokenizer) for other, logprob in named)
    said = _name(token, float(logprobs[token]), tokenizer)
    return Likelihood(said.text, said.raw, said.logprob, others)


def _name(token: int, logprob: float, tokenizer: "PreTrainedTokenizerBase") -> Likelihood:
    raw = token_bytes(token, tokenizer)
    return Likelihood(raw.decode(errors="replace"), raw, max(logprob, _NEVER))


def token_bytes(token: int, tokenizer: "PreTrainedTokenizerBase") -> bytes:
    """Return the bytes of one token, also of one that holds a part of a letter only."""
    piece = str(tokenizer.convert_ids_to_tokens(token))
    letters = _byte_letters()
    if len(piece) == len("<0x00>") and piece.startswith("<0x"):
        return bytes([int(piece[3:5], 16)])
    if token not in set(tokenizer.all_special_ids) and all(letter in letters for letter in piece):
        return bytes(letters[letter] for letter in piece)
    return str(tokenizer.decode([token])).encode()


@cache
def _byte_letters() -> dict[str, int]:
    """Return the byte behind each letter in which byte-level vocabularies are written."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    return {letter: byte for byte, letter in bytes_to_unicode().items()}
