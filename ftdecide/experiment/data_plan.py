"""What a comparison works with: rows, documents to look things up in, who answers, and what may be spent."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ftdecide.experiment.types import Part


class DataPlan(Part):
    """Where the rows come from: a shipped sample by name, or two files.

    `train_rows` and `test_rows` cap how many are used. Which ones is settled by the plan's seed and the rows' own text
    (lowest hash first), so the same plan always takes the same rows and a larger cap contains the smaller one's rows.
    Rows of a file may name their `group` (customer, document, template): rows of one group are not independent.
    """

    sample: str | None = None
    train: str | None = None
    test: str | None = None
    train_rows: Annotated[int, Field(ge=1)] | None = None
    test_rows: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        files = self.train is not None and self.test is not None
        partly = self.train is not None or self.test is not None
        if (self.sample is not None and partly) or (self.sample is None and not files):
            raise ValueError("should name either a sample, or both a train and a test file")
        return self


class ProviderPlan(Part):
    """Who answers and who trains: `local` needs neither account nor network."""

    id: Annotated[str, Field(min_length=1)] = "local"
    model: Annotated[str, Field(min_length=1)] = "smollm2-135m-instruct"
    base_url: str | None = None


class RetrievalPlan(Part):
    """What the arms with `retrieval` look things up in.

    `documents` is a JSON Lines file with `id`, `title` and `text`, or a folder of .txt and .md files; without it the
    sample's own. They are cut at blank lines into passages of about `passage_words` words, and the `passages` that
    match a question best go into its prompt as far as the prompt budget allows. `bm25` matches words; `embeddings` asks
    the provider's `embedding_model`.
    """

    documents: str | None = None
    method: Literal["bm25", "embeddings"] = "bm25"
    embedding_model: Annotated[str, Field(min_length=1)] | None = None
    passages: Annotated[int, Field(ge=1, le=50)] = 3
    passage_words: Annotated[int, Field(ge=20, le=2000)] = 80

    @model_validator(mode="after")
    def _embeddings_have_a_model(self) -> Self:
        if (self.method == "embeddings") != (self.embedding_model is not None):
            raise ValueError("embedding_model and method 'embeddings' go together; give both or neither")
        return self


class Budget(Part):
    """What the run may spend at most; it stops before either limit is passed."""

    usd: Annotated[Decimal, Field(ge=0)] | None = None
    minutes: Annotated[float, Field(gt=0)] | None = None
