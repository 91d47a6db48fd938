"""Keeping an answer inside a JSON schema, token by token, with llguidance."""

# transformers has no complete types: only the tokenizer passes through here.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from pydantic import JsonValue

from ftdecide.errors import InputError

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer
    from transformers import PreTrainedTokenizerBase

_FORBIDDEN = 0
# Small models may write white space for ever where a grammar lets them; a line break and some indentation must do.
_WHITE_SPACE = r"[ \n]{0,12}"


class Constraint:
    """What one answer may still say; one object an answer."""

    def __init__(self, matcher: "LLMatcher") -> None:
        self._matcher = matcher

    def mask(self, scores: torch.Tensor) -> torch.Tensor:
        """Return scores of shape (vocabulary,) with every token that may not come next at minus infinity.

        Raises:
            InputError: the schema has grown too complex for this answer.
        """
        allowed = torch.frombuffer(bytearray(self._matcher.compute_logit_bias()), dtype=torch.uint8)
        self._check()
        return scores.masked_fill(allowed[: len(scores)] == _FORBIDDEN, float("-inf"))

    def accept(self, token: int) -> bool:
        """Go on after `token`, and say whether the answer is complete.

        Raises:
            InputError: the schema has grown too complex for this answer.
        """
        self._matcher.consume_token(token)
        self._check()
        return self._matcher.is_stopped()

    def _check(self) -> None:
        if self._matcher.is_error():
            reason = self._matcher.get_error().splitlines()[0]
            raise InputError(f"the JSON schema cannot be kept to ({reason}); simplify it")


class Grammars:
    """Makes constraints for one model's vocabulary; its table of tokens is built at the first use, in half a second."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", vocabulary: int, ends: set[int]) -> None:
        self._tokenizer = tokenizer
        self._vocabulary = vocabulary
        self._ends = ends
        self._table: LLTokenizer | None = None

    def compile(self, schema: Mapping[str, JsonValue]) -> str:
        """Return the grammar of a JSON schema, which `start` understands.

        Raises:
            InputError: the schema is wrong, or uses words that cannot be enforced.
        """
        from llguidance import LLMatcher

        try:
            grammar = LLMatcher.grammar_from_json_schema(
                json.dumps(schema), overrides={"whitespace_pattern": _WHITE_SPACE}
            )
        except ValueError as error:
            raise InputError(f"the JSON schema cannot be read ({error}); mend it") from error
        fault = LLMatcher.validate_grammar(grammar, self._tokens())
        if fault:
            raise InputError(f"the JSON schema cannot be enforced ({fault.splitlines()[0]}); leave that out")
        return grammar

    def start(self, grammar: str) -> Constraint:
        """Begin an answer under a grammar from `compile`."""
        from llguidance import LLMatcher

        return Constraint(LLMatcher(self._tokens(), grammar))

    def _tokens(self) -> "LLTokenizer":
        from llguidance.hf import from_tokenizer

        if self._table is None:
            try:
                self._table = from_tokenizer(self._tokenizer, self._vocabulary, sorted(self._ends))  # pyright: ignore[reportArgumentType] - any fast tokenizer will do, and others raise
            except ValueError as error:
                reason = str(error).splitlines()[0]
                raise InputError(
                    f"this model's tokenizer does not allow JSON answers ({reason}); leave response_format out"
                ) from error
        return self._table
