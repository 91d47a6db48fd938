"""Answering a batch of prompts with one model: left padding, one common beginning, rows that are done drop out."""

# transformers has no complete types: only tensors and token numbers leave these functions.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Literal

import torch

from ftdecide.local.cache import Prefix, reserve

if TYPE_CHECKING:
    from transformers import Cache, PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class Prompt:
    """One request in tokens; temperature 0 takes the likeliest token, above 0 draws with `seed`."""

    tokens: tuple[int, ...]
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the model said, why it stopped, and how many tokens went in and came out."""

    text: str
    finish_reason: Literal["stop", "length"]
    prompt_tokens: int
    completion_tokens: int


@dataclass
class _Row:
    prompt: Prompt
    draw: torch.Generator
    said: list[int] = field(default_factory=list[int])
    answer: Answer | None = None


@dataclass
class _Batch:
    """The rows still computed, and the tensors that go with them, one line a row."""

    rows: list[_Row]
    cache: "Cache"
    mask: torch.Tensor
    position: torch.Tensor


def common_beginning(prompts: list[Prompt]) -> tuple[int, ...]:
    """Return the tokens with which all prompts begin, leaving each at least one of its own."""
    columns = zip(*(prompt.tokens[:-1] for prompt in prompts), strict=False)
    return tuple(column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns))


@torch.inference_mode()
def answer_batch(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    prompts: list[Prompt],
    prefix: Prefix | None = None,
) -> list[Answer]:
    """Answer all prompts together; each answer equals the one it would get alone.

    Args:
        model: the network, with the adapter of this batch active.
        tokenizer: turns tokens into text and knows the end token.
        prompts: at least one; greedy prompts that are equal are computed once.
        prefix: keys and values of a beginning that all prompts share, from `cache.compute_prefix`.
    """
    rows = {prompt: _Row(prompt, torch.Generator().manual_seed(prompt.seed)) for prompt in prompts}
    ends = _end_tokens(model, tokenizer)
    batch, tokens, positions = _start(model, list(rows.values()), prefix)
    while True:
        logits = model(
            input_ids=tokens,
            attention_mask=batch.mask,
            position_ids=positions,
            past_key_values=batch.cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        _extend(batch.rows, logits, tokenizer, ends)
        if all(row.answer is not None for row in batch.rows):
            return [_finished(rows[prompt]) for prompt in prompts]
        _drop_done(batch)
        tokens = torch.tensor([[row.said[-1]] for row in batch.rows])
        batch.position += 1
        positions = batch.position
        batch.mask = torch.cat([batch.mask, batch.mask.new_ones(len(batch.rows), 1)], dim=1)


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


def _extend(rows: list[_Row], logits: torch.Tensor, tokenizer: "PreTrainedTokenizerBase", ends: set[int]) -> None:
    likeliest = logits.argmax(-1).tolist()
    for line, row in enumerate(rows):
        if row.answer is not None:
            row.said.append(row.said[-1])
            continue
        token = likeliest[line] if row.prompt.temperature <= 0 else _draw(logits[line], row)
        if token in ends:
            row.answer = _answer(row, tokenizer, "stop")
        row.said.append(token)
        if row.answer is None:
            _close_if_over(row, tokenizer)


def _draw(logits: torch.Tensor, row: _Row) -> int:
    shares = torch.softmax(logits.double() / row.prompt.temperature, dim=-1)
    return int(torch.multinomial(shares, 1, generator=row.draw).item())


def _close_if_over(row: _Row, tokenizer: "PreTrainedTokenizerBase") -> None:
    if row.prompt.stop:
        text = _text(row, tokenizer)
        found = [place for stop in row.prompt.stop if (place := text.find(stop)) >= 0]
        if found:
            row.answer = Answer(text[: min(found)], "stop", len(row.prompt.tokens), len(row.said))
            return
    if len(row.said) >= row.prompt.max_tokens:
        row.answer = _answer(row, tokenizer, "length")


def _drop_done(batch: _Batch) -> None:
    """Compute rows that are done no longer, once they are half of the batch: before that, copying costs more."""
    keep = [line for line, row in enumerate(batch.rows) if row.answer is None]
    if 2 * len(keep) > len(batch.rows):
        return
    lines = torch.tensor(keep)
    batch.rows = [batch.rows[line] for line in keep]
    batch.cache.batch_select_indices(lines)
    batch.mask = batch.mask[lines]
    batch.position = batch.position[lines]


def _answer(row: _Row, tokenizer: "PreTrainedTokenizerBase", reason: Literal["stop", "length"]) -> Answer:
    return Answer(_text(row, tokenizer), reason, len(row.prompt.tokens), len(row.said))


def _text(row: _Row, tokenizer: "PreTrainedTokenizerBase") -> str:
    return str(tokenizer.decode(row.said, skip_special_tokens=True))


def _finished(row: _Row) -> Answer:
    assert row.answer is not None  # noqa: S101 - the loop ends when every row has one
    return row.answer


def _end_tokens(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> set[int]:
    configured = model.generation_config.eos_token_id
    ends = configured if isinstance(configured, list) else [configured]
    return {int(token) for token in (*ends, tokenizer.eos_token_id) if isinstance(token, int)}
