"""How many tokens a prompt, its few-shot examples and the requests have for a model, exactly or with an error band."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ftdecide.dataset.facts import EncodingName, dataset_facts, encoding_facts
from ftdecide.dataset.prompt_texts import Sample
from ftdecide.dataset.tokens import encoder, encoding_for


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True)


class TokenRange(_Result):
    """A number of tokens, and between which numbers it lies; all equal where the encoding is the model's own."""

    low: int
    middle: int
    high: int


class PromptTokens(_Result):
    """The tokens of one prompt, the signs around each message included.

    `prompt` is what every request carries (instructions and all examples); `examples` are the tokens of each, `request`
    and `answer` the mean of the samples, None without any; `largest_request` is the longest request with its answer.
    """

    model: str | None
    encoding: EncodingName
    exact: bool
    origin: Literal["measured", "assumed"]
    source: str
    as_of: str
    instructions: TokenRange
    examples: tuple[TokenRange, ...]
    prompt: TokenRange
    request: TokenRange | None
    answer: TokenRange | None
    largest_request: TokenRange | None
    samples: int

    @property
    def example(self) -> TokenRange | None:
        """The mean example, None without any."""
        return _mean(self.examples)


def count_prompt(
    model: str | None, instructions: str, examples: Sequence[Sample] = (), requests: Sequence[Sample] = ()
) -> PromptTokens:
    """Count everything in the encoding of `model`, or estimate it where that is not known.

    Raises:
        UnavailableError: the package with the vocabularies is missing.
    """
    known = encoding_for(model)
    estimate = encoding_facts().estimate
    counter = _Counter(encoding=known.encoding if known.exact else estimate.encoding, exact=known.exact)
    around = dataset_facts().chat_format
    fixed = counter.count([instructions], around.tokens_per_message if instructions else 0)[0]
    shown = counter.samples(examples, around.tokens_per_message)
    asked = counter.count([sample.question for sample in requests], around.tokens_per_message)
    told = counter.count([sample.answer for sample in requests if sample.answer], 0)
    whole = counter.samples(requests, around.tokens_per_message)
    return PromptTokens(
        model=model,
        encoding=counter.encoding,
        exact=known.exact,
        origin="measured" if known.exact else "assumed",
        source=known.source if known.exact else estimate.source,
        as_of=str(known.as_of if known.exact else estimate.as_of),
        instructions=fixed,
        examples=shown,
        prompt=_sum((fixed, *shown)),
        request=_mean(asked),
        answer=_mean(told),
        largest_request=max(whole, key=lambda tokens: tokens.middle, default=None),
        samples=len(requests),
    )


class _Counter(_Result):
    encoding: EncodingName
    exact: bool

    def count(self, texts: Sequence[str], around: int) -> tuple[TokenRange, ...]:
        """Count each text, `around` tokens of its message included."""
        estimate = encoding_facts().estimate
        low, middle, high = (
            (1.0, 1.0, 1.0) if self.exact else (estimate.low_ratio, estimate.middle_ratio, estimate.high_ratio)
        )
        return tuple(
            TokenRange(
                low=round(count * low) + around,
                middle=round(count * middle) + around,
                high=round(count * high) + around,
            )
            for count in encoder(self.encoding).count_all(texts)
        )

    def samples(self, samples: Sequence[Sample], around: int) -> tuple[TokenRange, ...]:
        """Count each sample, question and answer together."""
        asked = self.count([sample.question for sample in samples], around)
        told = [self.count([sample.answer], around)[0] if sample.answer else None for sample in samples]
        return tuple(_sum((first, second)) if second else first for first, second in zip(asked, told, strict=True))


def _sum(parts: Sequence[TokenRange]) -> TokenRange:
    return TokenRange(
        low=sum(part.low for part in parts),
        middle=sum(part.middle for part in parts),
        high=sum(part.high for part in parts),
    )


def _mean(parts: Sequence[TokenRange]) -> TokenRange | None:
    if not parts:
        return None
    whole = _sum(parts)
    return TokenRange(
        low=round(whole.low / len(parts)), middle=round(whole.middle / len(parts)), high=round(whole.high / len(parts))
    )
