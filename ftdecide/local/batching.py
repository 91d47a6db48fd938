"""Which waiting requests are answered together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from ftdecide.local.defaults import GenerationDefaults
from ftdecide.local.generation import Prompt
from ftdecide.local.rows import ChatMessage
from ftdecide.local.speech import Answer, Listener


@dataclass(frozen=True)
class Request:
    """A conversation to be continued.

    `adapter` is the folder of a tuned adapter, None for the base model; `max_tokens` None means the usual number, or
    what the context still holds; `schema` a JSON schema that the answer must fit; `rivals` how many alternatives of
    each token are wanted, None for no likelihoods.
    """

    messages: tuple[ChatMessage, ...]
    max_tokens: int | None = None
    adapter: Path | None = None
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    schema: Mapping[str, JsonValue] | None = None
    rivals: int | None = None


@dataclass(frozen=True)
class Waiting:
    """A request in tokens, who hears its answer while it is made, and the promise of the whole answer."""

    request: Request
    prompt: Prompt
    listener: Listener | None = None
    answer: "Future[Answer]" = field(default_factory=Future[Answer])

    @property
    def group(self) -> tuple[Path | None, tuple[ChatMessage, ...]]:
        """Requests with the same model and the same instructions before the last message profit from each other."""
        return self.request.adapter, self.request.messages[:-1]


def choose_batch(waiting: Sequence[Waiting], defaults: GenerationDefaults) -> list[Waiting]:
    """Choose the oldest request and those that share its model and instructions, as many as the limits allow.

    Requests that share their instructions with no other are batched by model. Those of like length go together,
    because every row is as wide as the widest.
    """
    sizes = Counter(one.group for one in waiting)
    oldest = waiting[0]
    alone = sizes[oldest.group] == 1
    peers = [
        one
        for one in waiting
        if one.group == oldest.group
        or (alone and sizes[one.group] == 1 and one.request.adapter == oldest.request.adapter)
    ]
    peers.sort(key=lambda one: abs(len(one.prompt.tokens) - len(oldest.prompt.tokens)))
    chosen: list[Waiting] = []
    widest = 0
    for one in peers[: defaults.batch_rows]:
        widest = max(widest, len(one.prompt.tokens) + one.prompt.max_tokens)
        if chosen and widest * (len(chosen) + 1) > defaults.batch_tokens:
            break
        chosen.append(one)
    return chosen
