"""What is known about training files and encodings: `data/dataset.yml` and `data/encodings.yml` as models."""

from datetime import date
from functools import cache
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from ftdecide.documents import read_document, validate
from ftdecide.settings import DATA

EncodingName = Literal["o200k_base", "cl100k_base", "llama3", "qwen3"]
_Model = TypeVar("_Model", bound=BaseModel)


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Sourced(_Fact):
    source: str
    as_of: date


class SourcedCount(_Sourced):
    """A number with its source."""

    value: int


class SourcedWords(_Sourced):
    """Words with their source."""

    value: tuple[str, ...]


class ChatFormat(_Sourced):
    """Tokens that a provider adds around the text of a conversation."""

    tokens_per_message: int
    tokens_per_name: int
    tokens_per_example: int


class EpochRule(_Sourced):
    """How a provider chooses the number of passes over the data when nobody names one."""

    target: int
    minimum: int
    maximum: int
    minimum_examples_seen: int
    maximum_examples_seen: int


class SampleRule(_Sourced):
    """How many examples of a file with more than `above_examples` are looked at where looking at all takes too long."""

    above_examples: int
    examples: int


class LabelRule(_Sourced):
    """When answers are taken for labels."""

    examples_per_answer: int
    maximum_answers: int


class DatasetFacts(_Fact):
    """Everything in `data/dataset.yml`."""

    schema_version: Literal[1]
    minimum_examples: SourcedCount
    recommended_examples: SourcedCount
    chat_format: ChatFormat
    default_epochs: EpochRule
    roles: SourcedWords
    question_and_answer_columns: tuple[tuple[str, str], ...]
    system_column: str
    maximum_line_mb: int
    few_distinct_answers: LabelRule
    sample: SampleRule


class Vocabulary(_Sourced):
    """One encoding's vocabulary: a file of the package that carries it, its checksum and that of the official file.

    `pieces` is the regular expression that cuts a text before its pieces are encoded, None where tiktoken knows it;
    `normal_form` is the Unicode form that a text is brought to first. `fast_is_exact` says whether the fast
    counter, which reaches each token by merging two others, counts as the model does.
    """

    name: EncodingName
    file: str
    sha256: str
    official_sha256: str
    pieces: str | None = None
    normal_form: Literal["NFC"] | None = None
    fast_is_exact: bool


class ModelEncoding(_Sourced):
    """The encoding of all models whose id fits `pattern`; `exact` is false where it is an estimate."""

    pattern: str
    encoding: EncodingName
    exact: bool
    maximum_example_tokens: int | None


class EncodingEstimate(_Sourced):
    """How the tokens of a model whose encoding is not known may differ from those counted with `encoding`: as ratios.

    In 5 % of texts the model makes fewer than `low_ratio` times as many of them, in 5 % more than `high_ratio` times.
    """

    encoding: EncodingName
    low_ratio: float
    middle_ratio: float
    high_ratio: float
    shortest_text_characters: int
    texts: int


class EncodingFacts(_Fact):
    """Everything in `data/encodings.yml`."""

    schema_version: Literal[1]
    vocabularies: tuple[Vocabulary, ...]
    models: tuple[ModelEncoding, ...]
    otherwise: ModelEncoding
    estimate: EncodingEstimate
    maximum_upload_mb: int


def _read(model: type[_Model], name: str) -> _Model:
    return validate(model, read_document(DATA / name), name)


@cache
def dataset_facts() -> DatasetFacts:
    """Facts about training files."""
    return _read(DatasetFacts, "dataset.yml")


@cache
def encoding_facts() -> EncodingFacts:
    """Facts about encodings."""
    return _read(EncodingFacts, "encodings.yml")
