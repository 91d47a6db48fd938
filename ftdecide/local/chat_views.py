"""Chat completions as clients expect them: whole, or in chunks."""

import secrets
import time
from dataclasses import dataclass, field

from pydantic import JsonValue

from ftdecide.local.likelihood import Likelihood
from ftdecide.local.speech import Answer, Piece


@dataclass(frozen=True)
class Completion:
    """What all chunks of one completion have in common."""

    model: str
    with_logprobs: bool
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, answer: Answer) -> JsonValue:
        """Return the answer in one piece."""
        choice: JsonValue = {
            "index": 0,
            "message": {"role": "assistant", "content": answer.text, "refusal": None},
            "logprobs": self._logprobs(answer.likelihoods),
            "finish_reason": answer.finish_reason,
        }
        return {**self._head("chat.completion"), "choices": [choice], "usage": _usage(answer)}

    def opening(self) -> dict[str, JsonValue]:
        """Return the first chunk, which has no text yet."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None}, None, None)

    def chunk(self, piece: Piece) -> dict[str, JsonValue]:
        """Return the chunk of one piece."""
        return self._chunk({"content": piece.text}, self._logprobs(piece.likelihoods), None)

    def closing(self, answer: Answer) -> dict[str, JsonValue]:
        """Return the last chunk of the text, which says why it ended."""
        return self._chunk({}, None, answer.finish_reason)

    def usage(self, answer: Answer) -> dict[str, JsonValue]:
        """Return the chunk after the last, which counts tokens."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": _usage(answer)}

    def _chunk(self, delta: JsonValue, logprobs: JsonValue, reason: str | None) -> dict[str, JsonValue]:
        choice: JsonValue = {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": reason}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def _head(self, kind: str) -> dict[str, JsonValue]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _logprobs(self, likelihoods: tuple[Likelihood, ...]) -> JsonValue:
        if not self.with_logprobs:
            return None
        content: list[JsonValue] = [
            {**_likelihood(one), "top_logprobs": [_likelihood(rival) for rival in one.rivals]} for one in likelihoods
        ]
        return {"content": content, "refusal": None}


def _likelihood(one: Likelihood) -> dict[str, JsonValue]:
    return {"token": one.text, "logprob": one.logprob, "bytes": [*one.raw]}


def _usage(answer: Answer) -> JsonValue:
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
    }
