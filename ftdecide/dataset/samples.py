"""The demonstration data sets that come with the app."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ftdecide.assessment.types import Task
from ftdecide.documents import read_document, validate
from ftdecide.errors import InputError, NotFoundError
from ftdecide.settings import DATA

SAMPLES = DATA / "samples"


class Grader(BaseModel):
    """How an answer is marked: `label` by one field of a JSON answer, `fields` by several, the others by its text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["label", "fields", "contains", "exact"]
    field: str | None = None
    fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class LookUp(BaseModel):
    """How the questions of a sample are looked up in its documents: how many passages of how many words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    passages: Annotated[int, Field(ge=1)]
    passage_words: Annotated[int, Field(ge=20)]


class Sample(BaseModel):
    """One demonstration data set: its subject, what the model is told, how answers are marked, and where its files are.

    `instructions` is the full prompt, `short_instructions` what a fine-tuned model still needs; `documents` is a folder
    of texts to look things up in, where the task needs them, and `look_up` how; `epochs` is how often tuning goes over
    the training part, `max_output_tokens` the longest answer where it may be longer than the references.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    summary: str
    task: Task
    language: str
    instructions: str
    short_instructions: str
    grader: Grader
    epochs: Annotated[int, Field(ge=1, le=50)] = 2
    documents: Path | None = None
    look_up: LookUp | None = None
    max_output_tokens: Annotated[int, Field(ge=1)] | None = None
    note: Annotated[str, Field(min_length=1)]
    folder: Path = Path()

    @property
    def train_path(self) -> Path:
        """The part to learn from."""
        return self.folder / "train.jsonl"

    @property
    def test_path(self) -> Path:
        """The locked part to measure on."""
        return self.folder / "test.jsonl"


def list_samples() -> tuple[Sample, ...]:
    """All demonstration data sets, by name."""
    return tuple(_read(path.parent) for path in sorted(SAMPLES.glob("*/sample.yml")))


def load_sample(name: str) -> Sample:
    """The demonstration data set called `name`.

    Raises:
        NotFoundError: no such sample; the message names those there are.
    """
    # Names are compared, never joined to a path, so that none can lead out of the folder.
    for path in SAMPLES.glob("*/sample.yml"):
        if path.parent.name == name:
            return _read(path.parent)
    known = ", ".join(sorted(path.parent.name for path in SAMPLES.glob("*/sample.yml")))
    raise NotFoundError(f"sample {name!r} is unknown; use one of {known}")


@cache
def _read(folder: Path) -> Sample:
    sample = validate(Sample, read_document(folder / "sample.yml"), f"{folder.name}/sample.yml")
    if sample.name != folder.name:
        raise InputError(f"'{folder.name}/sample.yml': name {sample.name!r} should be that of its folder")
    documents = folder / sample.documents if sample.documents else None
    return sample.model_copy(update={"folder": folder, "documents": documents})
