"""Texts as short signatures that are as alike as the texts' runs of words: one-permutation MinHash, a batch at a time.

Every run of three words is hashed once; some bits choose one of 128 bins, the smallest hash of each bin is kept, and of
that 8 bits (Li, Owen and Zhang, "One Permutation Hashing", 2012; Li and König, "b-Bit Minwise Hashing", 2010). Bins
that no run fell into hold 0, so that a short text is compared by its runs themselves.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Hashes = NDArray[np.uint64]

BINS: Final = 128
WORDS_IN_SHINGLE: Final = 3

_BIN_BITS: Final = 7
_ROW_BITS: Final = 24  # a batch holds fewer rows than 2 to this
# Letters in lower case, digits and all beyond ASCII stay; everything else ends a word.
_FOLDED: Final = bytes(
    sign | 0x20 if chr(sign).isalpha() and sign < 128 else sign if sign >= 128 or chr(sign).isdigit() else 0
    for sign in range(256)
)
# First bytes of UTF-8 for punctuation (U+0080 to U+00BF, U+2000 to U+2FFF), and for scripts without spaces.
_TWO_BYTE_MARK: Final = 0xC2
_THREE_BYTE_MARK: Final = 0xE2
_FIRST_UNSPACED: Final = 0xE3
_LAST_UNSPACED: Final = 0xED
# Odd constants without structure: of the fraction of the golden ratio and of splitmix64 (Steele, Lea and Flood, 2014).
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_KEPT: Final = np.array([(1 << (8 * size)) - 1 for size in range(8)] + [2**64 - 1], dtype=np.uint64)


def sign_texts(texts: list[str]) -> Bytes:
    """One signature (a row of 128 bytes) for each text; zeros alone where a text holds no word."""
    pieces = [text.encode("utf-8", "surrogatepass") for text in texts]
    # Spaces around every text end its words; those at the end let words be read eight bytes at a time.
    raw = b" ".join((b"", *pieces, b" " * 9))
    folded = np.frombuffer(bytearray(raw.translate(_FOLDED)), dtype=np.uint8)
    starts, ends = _find_words(folded) if raw.isascii() else _find_wide_words(folded)
    text_ends = np.cumsum(np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces)) + 1)
    words = np.diff(np.searchsorted(starts, text_ends), prepend=0)
    rows = np.repeat(np.arange(len(texts)), words)
    return _keep_smallest(*_hash_runs(_hash_words(folded, starts, ends), rows), len(texts))


def mix(values: Hashes) -> Hashes:
    """Spread values over all 64 bits, as splitmix64 does."""
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))


def draw_numbers(values: Hashes) -> Hashes:
    """A number that looks random for each value, always the same for the same."""
    return mix(values * _GOLDEN + _GOLDEN)


def _find_words(folded: Bytes) -> tuple[Places, Places]:
    """Where words begin and end; the first and the last byte belong to none."""
    inside = folded != 0
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    return edges[0::2], edges[1::2]


def _find_wide_words(folded: Bytes) -> tuple[Places, Places]:
    """Likewise beyond ASCII: punctuation there is blanked in place, and signs of scripts without spaces are words."""
    for first, size in ((_THREE_BYTE_MARK, 3), (_TWO_BYTE_MARK, 2)):
        marks = np.flatnonzero(folded == first)
        for place in range(size):
            folded[marks + place] = 0
    starts, ends = _find_words(folded)
    signs = np.flatnonzero((folded >= _FIRST_UNSPACED) & (folded <= _LAST_UNSPACED))
    if not signs.size:
        return starts, ends
    after = signs + 3
    starts = np.union1d(np.union1d(starts, signs), after[folded[after] != 0])
    ends = ends[np.searchsorted(ends, starts, side="right")]
    return starts, np.minimum(ends, np.append(starts[1:], folded.size))


def _hash_words(folded: Bytes, starts: Places, ends: Places) -> Hashes:
    """A hash of each word's first and last eight bytes and its length."""
    eights = np.ndarray((folded.size - 7,), dtype="<u8", buffer=folded.data, strides=(1,))
    sizes = ends - starts
    first = eights[starts] & _KEPT[np.minimum(sizes, 8)]
    hashes = first * _GOLDEN + sizes.astype(np.uint64)
    long = np.flatnonzero(sizes > 8)
    hashes[long] += eights[ends[long] - 8] * _MIX_1
    return hashes ^ (hashes >> np.uint64(29))


def _hash_runs(words: Hashes, rows: Places) -> tuple[Hashes, Places]:
    """A hash of every three words that follow each other in a text, and which text; of all words where it has fewer."""
    size = words.size
    padded = np.append(words, np.zeros(2, dtype=np.uint64))
    row = np.append(rows, [-1, -1])
    same_1, same_2 = row[1 : size + 1] == rows, row[2 : size + 2] == rows
    first = np.ones(size, dtype=bool)
    first[1:] = rows[1:] != rows[:-1]
    runs = words * _MIX_1 + np.where(same_1, padded[1 : size + 1], 0) * _MIX_2
    runs = mix(runs + np.where(same_2, padded[2 : size + 2], 0) * _GOLDEN)
    kept = same_2 | first
    return runs[kept], rows[kept]


def _keep_smallest(runs: Hashes, rows: Places, texts: int) -> Bytes:
    """The smallest hash in each bin of each text, and of that the eight bits that did not decide."""
    bins = rows.astype(np.uint64) << np.uint64(_BIN_BITS) | runs & np.uint64(BINS - 1)
    # Sorted by text, then bin, then the hash's upper bits.
    hash_bits = np.uint64(64 - _ROW_BITS - _BIN_BITS)
    keys = bins << hash_bits | runs >> np.uint64(_ROW_BITS + _BIN_BITS)
    keys.sort()
    bins = keys >> hash_bits
    first = np.ones(keys.size, dtype=bool)
    first[1:] = bins[1:] != bins[:-1]
    signatures = np.zeros(texts * BINS, dtype=np.uint8)
    smallest = keys[first] & (np.uint64(1) << hash_bits) - np.uint64(1)
    signatures[bins[first].astype(np.int64)] = smallest % np.uint64(255) + np.uint64(1)
    return signatures.reshape(texts, BINS)
