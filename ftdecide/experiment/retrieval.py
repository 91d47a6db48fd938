# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# bm25s ships incomplete types; its scores become a numpy array of floats here.
"""Looking questions up in passages: by their words (BM25), or by meaning with the provider's embeddings."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from ftdecide.errors import InputError
from ftdecide.experiment.identity import normalise
from ftdecide.providers.base import Embeddings
from ftdecide.translation import _

if TYPE_CHECKING:
    import numpy as np
    from bm25s import BM25

# Runs of four letters let "insured" find "insurance" and German questions find shared stems, in every language alike.
LETTERS_IN_A_RUN = 4
TEXTS_PER_REQUEST = 64
_WORD = re.compile(r"\w+")
_KEPT_INDEXES = 4
_EVERYWHERE = " "


class Embeds(Protocol):
    """The part of a provider that turns texts into vectors; one vector a text, in their order."""

    def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """Return a vector for every text, and the tokens charged."""
        ...


def find_by_words(passages: tuple[str, ...], questions: Sequence[str], most: int) -> tuple[tuple[str, ...], ...]:
    """Return for each question up to `most` passages, the best first, those without a common word left out.

    BM25 (Lucene's form, k1 = 1.5, b = 0.75) over words and runs of four letters within words. Equal scores keep the
    order of the documents, so the result is the same every time.
    """
    index = _index(passages)
    found: list[tuple[str, ...]] = []
    for question in questions:
        known = [term for term in terms(question) if term in index.vocab_dict]
        scores: Sequence[float] = index.get_scores(known).tolist() if known else []
        found.append(tuple(passages[place] for place in _best(scores, most) if scores[place] > 0))
    return tuple(found)


def find_by_meaning(
    provider: Embeds, model: str, passages: tuple[str, ...], questions: Sequence[str], most: int
) -> tuple[tuple[str, ...], ...]:
    """Return for each question the `most` passages whose embeddings point most nearly the same way (cosine).

    Raises:
        ProviderError: as the provider.
        InputError: the provider answered with vectors that do not fit one another.
    """
    vectors = _unit_vectors(provider, model, passages)
    asked = _unit_vectors(provider, model, questions)
    if vectors.shape[1] != asked.shape[1]:
        raise InputError(_("model {model!r} gave vectors of different lengths; use another").format(model=model))
    similarities = asked @ vectors.T
    return tuple(tuple(passages[place] for place in _best(row.tolist(), most)) for row in similarities)


def terms(text: str) -> list[str]:
    """Return what a text is found by: its words without case, and the runs of four letters in longer ones."""
    words = _WORD.findall(normalise(text))
    runs = [
        word[start : start + LETTERS_IN_A_RUN]
        for word in words
        if len(word) > LETTERS_IN_A_RUN
        for start in range(len(word) - LETTERS_IN_A_RUN + 1)
    ]
    return [*words, *runs]


@lru_cache(maxsize=_KEPT_INDEXES)
def _index(passages: tuple[str, ...]) -> "BM25":
    """Build the index of these texts once in a process: the key is their whole content."""
    from bm25s import BM25
    from bm25s.stopwords import STOPWORDS_EN

    index = BM25(k1=1.5, b=0.75, method="lucene")
    # The first term stands in every passage, so that one without any other is no special case; no question has it.
    corpus = [[_EVERYWHERE, *(term for term in terms(passage) if term not in STOPWORDS_EN)] for passage in passages]
    index.index(corpus, show_progress=False)
    return index


def _best(scores: Sequence[float], most: int) -> list[int]:
    return sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:most]


def _unit_vectors(
    provider: Embeds, model: str, texts: Sequence[str]
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    import numpy as np

    vectors: list[Sequence[float]] = []
    for start in range(0, len(texts), TEXTS_PER_REQUEST):
        vectors += provider.embed(model, texts[start : start + TEXTS_PER_REQUEST]).vectors
    if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1:
        raise InputError(_("model {model!r} did not give each text one vector; use another").format(model=model))
    found = np.asarray(vectors, dtype=np.float64)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), np.finfo(np.float64).tiny)
