"""What a chat is asked with, and what a model turned out not to take: newer ones refuse older settings by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import openai

    from ftdecide.providers.base import Message

Setting = Literal["max_tokens", "temperature"]
_SETTINGS: tuple[Setting, ...] = ("max_tokens", "temperature")
_REFUSED = ("unsupported", "not supported", "does not support")
# What was learnt holds for every call of this process, by address and model: each model refuses once, not at every row.
_LEARNT: dict[tuple[str, str], frozenset[Setting]] = {}


def chat_body(address: str, model: str, messages: Sequence[Message], max_tokens: int) -> dict[str, object]:
    """Return the body of a request for the most likely answer, as far as the model lets itself be told so.

    Models that refuse `max_tokens` get `max_completion_tokens`; those that refuse `temperature` answer with their own.
    """
    refused = _LEARNT.get((address, model), frozenset[Setting]())
    limit = "max_completion_tokens" if "max_tokens" in refused else "max_tokens"
    body: dict[str, object] = {"model": model, "messages": list(messages), limit: max_tokens}
    return body if "temperature" in refused else {**body, "temperature": 0}


def learn_refusal(address: str, model: str, sent: Mapping[str, object], error: openai.BadRequestError) -> bool:
    """Keep which setting a model refused; say whether the next body differs from the one `sent`."""
    said = error.message.lower()
    if not (error.code or "").startswith("unsupported") and not any(word in said for word in _REFUSED):
        return False
    for setting in _SETTINGS:
        if setting in sent and (error.param == setting or f"'{setting}'" in said):
            _LEARNT[address, model] = _LEARNT.get((address, model), frozenset[Setting]()) | frozenset[Setting](
                (setting,)
            )
            return True
    return False
