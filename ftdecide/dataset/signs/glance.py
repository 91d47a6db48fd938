"""Where in much text, taken as bytes, something may stand that is worth a closer look; a nanosecond a byte or so."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

# Between the digits of one number stand a few separators at most.
_BYTES_PER_DIGIT: Final = 4
_WORD: Final = 4
_ALL: Final = np.uint32(0x01010101)


def table_of(signs: bytes) -> Bytes:
    """A table of 256 that holds 1 for each of some bytes."""
    table = np.zeros(256, np.uint8)
    table[list(signs)] = 1
    return table


def find_signs(raw: Bytes, signs: bytes) -> Places:
    """Where any of a few rare bytes stands."""
    return np.concatenate([np.flatnonzero(raw == sign) for sign in signs])


def find_words(raw: Bytes, word: bytes) -> Places:
    """Where a rare word stands."""
    text, places = raw.tobytes(), [-1]
    while (place := text.find(word, places[-1] + 1)) >= 0:
        places.append(place)
    return np.array(places[1:], np.int64)


def find_controls(raw: Bytes, controls: bytes) -> Places:
    """Where one of some control characters stands; they are below the blank, and the last is the last of ASCII."""
    low = np.flatnonzero(raw < ord(" "))
    return np.concatenate([low[table_of(controls)[raw[low]] > 0], np.flatnonzero(raw == controls[-1])])


def find_numbers(raw: Bytes, digits: int) -> Places:
    """Where so many digits stand near one another, as in a long number with separators."""
    places = np.flatnonzero((raw - np.uint8(ord("0"))) < 10)
    if len(places) < digits:
        return places[:0]
    spread = places[digits - 1 :] - places[: 1 - digits]
    return places[: 1 - digits][spread < digits * _BYTES_PER_DIGIT]


def find_runs(raw: Bytes, table: Bytes, length: int) -> Places:
    """Where at least `length` bytes in a row may be in a table: every such run is found, shorter ones now and then.

    Places are multiples of four, and one of them is at most three bytes after the start of such a run.
    """
    padded = np.concatenate([table[raw], np.zeros(-len(raw) % _WORD, np.uint8)])
    full = padded.view(np.uint32) == _ALL
    if length < 2 * _WORD - 1:
        raise ValueError(f"length={length} is shorter than a word wherever it begins")
    # A run of so many bytes covers so many words wherever it begins.
    words = (length + 1) // _WORD - 1
    if len(full) < words:
        return np.zeros(0, np.int64)
    runs = full[: len(full) - words + 1].copy()
    for place in range(1, words):
        runs &= full[place : len(full) - words + 1 + place]
    return np.flatnonzero(runs) * _WORD


def find_starts(raw: Bytes, runs: Places, words: tuple[bytes, ...]) -> Places:
    """Those places of `find_runs` at which, or up to three bytes before, one of some words seems to begin."""
    begins = np.zeros(1 << 16, np.bool_)
    begins[[word[0] << 8 | word[1] for word in words]] = True
    starts = (runs[:, None] - np.arange(_WORD)).ravel()
    starts = starts[(starts >= 0) & (starts + 1 < len(raw))]
    starts = starts[begins[raw[starts].astype(np.uint16) << np.uint16(8) | raw[starts + 1]]]
    return np.concatenate([_starting_with(raw, starts, word) for word in words])


def _starting_with(raw: Bytes, starts: Places, word: bytes) -> Places:
    for place, sign in enumerate(word):
        starts = starts[starts + place < len(raw)]
        starts = starts[raw[starts + place] == sign]
    return starts
