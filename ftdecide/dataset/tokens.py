# pyright: reportMissingTypeStubs=false
# Neither `quicktok` nor `tiktoken_ext` carries types; the few names used of them are typed here.
"""Counting tokens as the models of OpenAI, Llama 3 and Qwen do, with the network unplugged.

The vocabularies come from the package `quicktok-v1`; `tiktoken` does the encoding. For big files `quicktok` counts the
texts whose characters both treat alike, several times as fast; everything else stays with `tiktoken`.
"""

import fnmatch
import hashlib
import importlib
import re
import unicodedata
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from types import FunctionType
from typing import Protocol, cast

import numpy as np
import tiktoken
from tiktoken_ext import openai_public

from ftdecide.dataset.facts import EncodingName, ModelEncoding, Vocabulary, encoding_facts
from ftdecide.errors import InputError, UnavailableError

# Characters that one of the two counters may know as a letter and the other not, because they are young or rare: all
# others were tried one by one in many neighbourhoods, and in hundreds of thousands of random texts. The long s and the
# sign for kelvin stand for other letters when case is ignored.
_UNSURE = re.compile(
    "[\u017f\u212a\u0870-\u089f\u0c5c\u0cdc\u1ab0-\u1aff\ua7c0-\ua7ff"
    "\U00010000-\U0001efff\U0001fb00-\U0001ffff\U0002a6e0-\U0010ffff]"
)
# In UTF-8 those characters begin with one of these bytes, or are one of these, of which one byte is rare.
_RARE_BYTES = np.array([byte in (0xE0, 0xE1, 0xEA) or byte >= 0xF0 for byte in range(256)])
_LAST_ASCII = 0x7F
_RARE_CHARACTERS = (("\u017f".encode(), b"\xc5"), ("\u212a".encode(), b"\xaa"))
# tiktoken's regular expressions run out of stack in about a million blanks in a row.
_PIECE_CHARACTERS = 200_000
_ENDLESS_BLANKS = re.compile(rf"\s{{{_PIECE_CHARACTERS}}}")


class _FastCounter(Protocol):
    def count(self, text: str) -> int: ...


class _QuickTok(Protocol):
    __file__: str

    def get_encoding(self, name: str) -> _FastCounter: ...


class Encoder:
    """One encoding; `count` ignores special tokens, as training files are plain text. Made by `encoder`."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.name: EncodingName = vocabulary.name
        self._vocabulary = vocabulary

    @cached_property
    def encoding(self) -> tiktoken.Encoding:
        """The same encoding as `tiktoken.get_encoding(name)` or the model's own, without a download."""
        return _build_encoding(self._vocabulary)

    @cached_property
    def _fast(self) -> _FastCounter:
        _read_vocabulary(self._vocabulary)
        return cast("_QuickTok", importlib.import_module("quicktok")).get_encoding(self.name)

    def count(self, text: str) -> int:
        """Number of tokens in `text`."""
        return self.count_all([text])[0]

    def count_all(self, texts: Sequence[str], *, fast: bool = False, raw: bytes | None = None) -> list[int]:
        """Number of tokens in each text; `fast` pays from several megabytes on, as it loads a second counter first.

        `raw` are all texts in UTF-8, if they are at hand.
        """
        if not fast or not self._vocabulary.fast_is_exact:
            return [self._count_exactly(text) for text in texts]
        count, unsure = self._fast.count, _UNSURE.search
        if raw is not None and _holds_nothing_rare(raw):
            return list(map(count, texts))
        return [count(text) if text.isascii() or not unsure(text) else self._count_exactly(text) for text in texts]

    def _count_exactly(self, text: str) -> int:
        encode = self.encoding.encode_ordinary
        if self._vocabulary.normal_form:
            text = unicodedata.normalize(self._vocabulary.normal_form, text)
        if len(text) <= _PIECE_CHARACTERS or not _ENDLESS_BLANKS.search(text):
            return len(encode(text))
        # A cut adds one token at most, which is one in tens of thousands; there is no number to be equal to.
        pieces = range(0, len(text), _PIECE_CHARACTERS)
        return sum(len(encode(text[start : start + _PIECE_CHARACTERS])) for start in pieces)


def _holds_nothing_rare(raw: bytes) -> bool:
    """Whether no unsure character stands in much text, told in a fraction of a nanosecond for each byte."""
    if raw.isascii():
        return True
    signs = np.frombuffer(raw, np.uint8)
    if _RARE_BYTES[signs[signs > _LAST_ASCII]].any():
        return False
    return not any(byte in raw and character in raw for character, byte in _RARE_CHARACTERS)


@cache
def encoder(name: str) -> Encoder:
    """The encoder called `name`, loaded at its first count and kept for the life of the process.

    Raises:
        InputError: no such encoding.
        UnavailableError: at the first count, where the package with the vocabularies is missing or altered.
    """
    known = encoding_facts().vocabularies
    for vocabulary in known:
        if vocabulary.name == name:
            return Encoder(vocabulary)
    raise InputError(f"encoding {name!r} is unknown; use one of {', '.join(entry.name for entry in known)}")


def encoding_for(model: str | None) -> ModelEncoding:
    """The encoding and the longest training example of a model; a model that is not known gets an estimate."""
    facts = encoding_facts()
    if not model:
        return facts.otherwise
    base = model.strip().lower().removeprefix("ft:").split(":", 1)[0].split(" ", 1)[0]
    return next((entry for entry in facts.models if fnmatch.fnmatchcase(base, entry.pattern)), facts.otherwise)


def _build_encoding(vocabulary: Vocabulary) -> tiktoken.Encoding:
    """Call tiktoken's own constructor, which knows pattern and special tokens, without its download.

    Vocabularies of others name their pattern themselves; special tokens stand in no text that is counted.
    """
    if vocabulary.pieces is not None:
        ranks = read_ranks(vocabulary)
        return tiktoken.Encoding(vocabulary.name, pat_str=vocabulary.pieces, mergeable_ranks=ranks, special_tokens={})

    def load(_address: str, expected_hash: str) -> dict[bytes, int]:
        if expected_hash != vocabulary.official_sha256:
            raise UnavailableError(
                f"'tiktoken' expects another {vocabulary.name!r}; install the version in requirements.txt"
            )
        return read_ranks(vocabulary)

    constructor = getattr(openai_public, vocabulary.name)
    offline = FunctionType(constructor.__code__, {**vars(openai_public), "load_tiktoken_bpe": load})
    return tiktoken.Encoding(**offline())


def read_ranks(vocabulary: Vocabulary) -> dict[bytes, int]:
    """The vocabulary as tiktoken wants it: rank of every token, in ascending order.

    The file is a count (4 bytes), then for each token its length (2 bytes), its bytes and its rank (4 bytes), low byte
    first.

    Raises:
        UnavailableError: the package is missing or its file is another one.
    """
    raw = _read_vocabulary(vocabulary)
    ranks: dict[bytes, int] = {}
    at = 4
    for _entry in range(int.from_bytes(raw[:4], "little")):
        start = at + 2
        end = start + (raw[at] | raw[at + 1] << 8)
        at = end + 4
        ranks[raw[start:end]] = int.from_bytes(raw[end:at], "little")
    return ranks


def _read_vocabulary(vocabulary: Vocabulary) -> bytes:
    try:
        package = importlib.import_module("quicktok")
    except ImportError as error:
        raise UnavailableError("package 'quicktok-v1' is missing; run pip install -r requirements.txt") from error
    raw = (Path(str(package.__file__)).parent / "data" / vocabulary.file).read_bytes()
    if hashlib.sha256(raw).hexdigest() != vocabulary.sha256:
        raise UnavailableError(
            f"vocabulary {vocabulary.file!r} of 'quicktok-v1' is another one; install the version in requirements.txt"
        )
    return raw
