"""The text of one answer while it grows: what may be sent already, and where a stop text cuts it."""

# transformers has no complete types: only text leaves these functions.
# pyright: reportUnknownMemberType=false

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from ftdecide.local.likelihood import Likelihood

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_HALF_A_LETTER = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Piece:
    """A part of an answer that will not change any more."""

    text: str
    likelihoods: tuple[Likelihood, ...] = ()


class Listener(Protocol):
    """Whoever hears an answer while it is made; `gone` when nobody waits for it any more."""

    @property
    def gone(self) -> bool:
        """Whether the answer may be given up."""
        ...

    def hear(self, piece: Piece) -> None:
        """Take the next part."""
        ...


@dataclass(frozen=True)
class Answer:
    """What the model said, why it stopped, and how many tokens went in and came out."""

    text: str
    finish_reason: Literal["stop", "length"]
    prompt_tokens: int
    completion_tokens: int
    likelihoods: tuple[Likelihood, ...] = ()


class Speech:
    """Gathers the tokens of one answer; text is made at each token only where somebody listens or a text may end it."""

    def __init__(
        self,
        tokenizer: "PreTrainedTokenizerBase",
        stops: tuple[str, ...],
        listeners: Sequence[Listener] = (),
        waiting: int = 0,
    ) -> None:
        """Begin an answer that `listeners` hear while it is made, and for whose end `waiting` others wait."""
        self.tokens: list[int] = []
        self._tokenizer = tokenizer
        self._stops = stops
        self._listeners = listeners
        self._waiting = waiting
        self._likelihoods: list[Likelihood] = []
        self._starts: list[int] = []
        self._cut: int | None = None
        self._text = ""
        self._sent = 0
        self._told = 0

    @property
    def unwanted(self) -> bool:
        """Whether everybody has gone who would have heard it."""
        return bool(self._listeners) and not self._waiting and all(listener.gone for listener in self._listeners)

    def add(self, token: int, likelihood: Likelihood | None) -> bool:
        """Take the next token, and say whether a stop text ends the answer here."""
        self.tokens.append(token)
        if likelihood is not None:
            self._likelihoods.append(likelihood)
        if self._stops or self._listeners:
            self._starts.append(len(self._text))
            self._text = self._decode()
            found = [place for stop in self._stops if (place := self._text.find(stop)) >= 0]
            self._cut = min(found, default=None)
            self._send(self._settled())
        return self._cut is not None

    def finish(self, reason: Literal["stop", "length"], prompt_tokens: int, *, ended: bool) -> Answer:
        """Return the whole answer; `ended` if an end token came, which counts but is no text."""
        self._text = self._decode()[: self._cut]
        self._send(len(self._text), last=True)
        likelihoods = self._likelihoods
        if self._cut is not None:
            likelihoods = [one for one, start in zip(likelihoods, self._starts, strict=False) if start < self._cut]
        return Answer(self._text, reason, prompt_tokens, len(self.tokens) + ended, tuple(likelihoods))

    def _decode(self) -> str:
        return str(self._tokenizer.decode(self.tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False))

    def _settled(self) -> int:
        """Return how much of the text stays as it is, whatever comes: not half a letter, not the start of a stop."""
        if self._cut is not None:
            return self._cut
        text = self._text.rstrip(_HALF_A_LETTER)
        held = [
            length
            for stop in self._stops
            for length in range(1, min(len(stop), len(text) + 1))
            if text.endswith(stop[:length])
        ]
        return len(text) - max(held, default=0)

    def _send(self, end: int, *, last: bool = False) -> None:
        if not self._listeners or (end <= self._sent and not last):
            return
        known = len(self._likelihoods)
        count = known if last and self._cut is None else sum(start < end for start in self._starts[:known])
        piece = Piece(self._text[self._sent : end], tuple(self._likelihoods[self._told : count]))
        self._sent, self._told = max(end, self._sent), max(count, self._told)
        if piece.text or piece.likelihoods:
            for listener in self._listeners:
                listener.hear(piece)
