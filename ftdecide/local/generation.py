"""Answering a batch of prompts with one model: left padding, one common beginning, rows that are done drop out."""

# transformers has no complete types: only tensors and token numbers leave these functions.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Literal

import torch

from ftdecide.errors import InputError
from ftdecide.local.cache import Prefix, reserve
from ftdecide.local.grammar import Constraint, Grammars
from ftdecide.local.likelihood import measure
from ftdecide.local.sampling import draw
from ftdecide.local.speech import Answer, Listener, Speech

if TYPE_CHECKING:
    from transformers import Cache, PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class Prompt:
    """One request in tokens; temperature 0 takes the likeliest token, above 0 draws with `seed`.

    `grammar` comes from `Grammars.compile`; `rivals` is how many alternatives of each token are wanted, None for no
    likelihoods at all.
    """

    tokens: tuple[int, ...]
    max_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    grammar: str = ""
    rivals: int | None = None


@dataclass(frozen=True)
class Speaker:
    """A network, with the adapter of the batch active, and what turns its numbers into text."""

    network: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    grammars: Grammars
    ends: frozenset[int]


@dataclass
class _Row:
    prompt: Prompt
    speech: Speech
    draw: torch.Generator
    constraint: Constraint | None
    last: int = 0
    outcome: Answer | InputError | None = None

    def finish(self, reason: Literal["stop", "length"], *, ended: bool = False) -> None:
        self.outcome = self.speech.finish(reason, len(self.prompt.tokens), ended=ended)


@dataclass
class _Batch:
    """The rows still computed, and the tensors that go with them, one line a row."""

    rows: list[_Row]
    cache: "Cache"
    mask: torch.Tensor
    position: torch.Tensor


def common_beginning(prompts: Sequence[Prompt]) -> tuple[int, ...]:
    """Return the tokens with which all prompts begin, leaving each at least one of its own."""
    columns = zip(*(prompt.tokens[:-1] for prompt in prompts), strict=False)
    return tuple(column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns))


@torch.inference_mode()
def answer_batch(
    speaker: Speaker,
    prompts: Sequence[Prompt],
    prefix: Prefix | None = None,
    listeners: Sequence[Listener | None] = (),
) -> list[Answer | InputError]:
    """Answer all prompts together; each answer equals the one it would get alone.

    Args:
        speaker: the model.
        prompts: at least one; prompts that are equal are computed once.
        prefix: keys and values of a beginning that all prompts share, from `cache.compute_prefix`.
        listeners: who hears the answer to each prompt while it is made, None for nobody.
    """
    rows = _rows(speaker, prompts, listeners)
    batch, tokens, positions = _start(speaker.network, list(rows.values()), prefix)
    while True:
        logits = speaker.network(
            input_ids=tokens,
            attention_mask=batch.mask,
            position_ids=positions,
            past_key_values=batch.cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        _extend(batch.rows, logits, speaker)
        if all(row.outcome is not None for row in batch.rows):
            return [_outcome(rows[prompt]) for prompt in prompts]
        _drop_done(batch)
        tokens = torch.tensor([[row.last] for row in batch.rows])
        batch.position += 1
        positions = batch.position
        batch.mask = torch.cat([batch.mask, batch.mask.new_ones(len(batch.rows), 1)], dim=1)


def _rows(speaker: Speaker, prompts: Sequence[Prompt], listeners: Sequence[Listener | None]) -> dict[Prompt, _Row]:
    heard: dict[Prompt, list[Listener | None]] = {prompt: [] for prompt in prompts}
    for prompt, listener in zip(prompts, listeners, strict=False):
        heard[prompt].append(listener)
    rows: dict[Prompt, _Row] = {}
    for prompt, given in heard.items():
        speech = Speech(speaker.tokenizer, prompt.stop, [one for one in given if one is not None], given.count(None))
        constraint = speaker.grammars.start(prompt.grammar) if prompt.grammar else None
        rows[prompt] = _Row(prompt, speech, torch.Generator().manual_seed(prompt.seed), constraint)
    return rows


def _start(
    model: "PreTrainedModel", rows: list[_Row], prefix: Prefix | None
) -> tuple[_Batch, torch.Tensor, torch.Tensor]:
    """Pad what follows the common beginning on the left, and reserve room for the longest answer."""
    shared = prefix[0][0].shape[-2] if prefix else 0
    own = [row.prompt.tokens[shared:] for row in rows]
    width = max(len(tokens) for tokens in own)
    tokens = torch.tensor([(0,) * (width - len(part)) + part for part in own])
    seen = torch.tensor([[0] * (width - len(part)) + [1] * len(part) for part in own])
    positions = (seen.cumsum(1) - 1).clamp(min=0) + shared
    room = shared + width + max(row.prompt.max_tokens for row in rows)
    mask = torch.cat([seen.new_ones(len(rows), shared), seen], dim=1)
    return _Batch(rows, reserve(model, len(rows), room, prefix), mask, positions[:, -1:].clone()), tokens, positions


def _extend(rows: list[_Row], logits: torch.Tensor, speaker: Speaker) -> None:
    likeliest = logits.argmax(-1).tolist()
    for line, row in enumerate(rows):
        if row.outcome is None:
            plain = row.prompt.temperature <= 0 and row.constraint is None
            try:
                row.last = likeliest[line] if plain else _choose(row, logits[line])
                _say(row, logits[line], speaker)
            except InputError as error:
                row.outcome = error


def _choose(row: _Row, scores: torch.Tensor) -> int:
    allowed = scores if row.constraint is None else row.constraint.mask(scores)
    if row.prompt.temperature <= 0:
        return int(allowed.argmax().item())
    return draw(allowed, row.prompt.temperature, row.prompt.top_p, row.draw)


def _say(row: _Row, scores: torch.Tensor, speaker: Speaker) -> None:
    """Take the chosen token into the answer, and close the answer where it ends."""
    if row.last in speaker.ends:
        row.finish("stop", ended=True)
        return
    wanted = row.prompt.rivals
    likelihood = None if wanted is None else measure(scores, row.last, wanted, speaker.tokenizer)
    stopped = row.speech.add(row.last, likelihood)
    complete = row.constraint is not None and row.constraint.accept(row.last)
    if stopped or complete or row.speech.unwanted:
        row.finish("stop")
    elif len(row.speech.tokens) >= row.prompt.max_tokens:
        row.finish("length")


def _drop_done(batch: _Batch) -> None:
    """Compute rows that are done no longer, once they are half of the batch: before that, copying costs more."""
    keep = [line for line, row in enumerate(batch.rows) if row.outcome is None]
    if 2 * len(keep) > len(batch.rows):
        return
    lines = torch.tensor(keep)
    batch.rows = [batch.rows[line] for line in keep]
    batch.cache.batch_select_indices(lines)
    batch.mask = batch.mask[lines]
    batch.position = batch.position[lines]


def _outcome(row: _Row) -> Answer | InputError:
    assert row.outcome is not None  # noqa: S101 - the loop ends when every row has one
    return row.outcome
