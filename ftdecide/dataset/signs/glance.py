"""Where in much text, taken as bytes, something may stand that is worth a closer look; a nanosecond a byte or less."""

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

_BLANK, _LAST_PRINTED = ord(" "), ord("~")
# Four flags at once: a run of seven or more holds four that begin where a word of four bytes does.
_FOUR, _ALL_FOUR = 4, np.uint32(0x01010101)


def lie_between(raw: Bytes, low: int, high: int) -> Flags:
    """Which bytes are from `low` to `high`, both included."""
    return (raw - np.uint8(low)) <= np.uint8(high - low)


def find_signs(raw: Bytes, sign: bytes) -> Places:
    """Where a rare byte stands."""
    return np.flatnonzero(raw == sign[0])


def find_words(text: bytes, word: bytes) -> Places:
    """Where a rare word stands."""
    places = [-1]
    while (place := text.find(word, places[-1] + 1)) >= 0:
        places.append(place)
    return np.array(places[1:], np.int64)


def find_unprinted(raw: Bytes) -> Places:
    """Where anything but a printed character of ASCII stands: control characters, and all bytes of other characters."""
    return np.flatnonzero((raw - np.uint8(_BLANK)) > np.uint8(_LAST_PRINTED - _BLANK))


def are_among(raw: Bytes, places: Places, signs: bytes) -> Flags:
    """At which of some places one of some bytes stands; none does beyond either end."""
    table = np.zeros(256, np.bool_)
    table[list(signs)] = True
    inside = (places >= 0) & (places < len(raw))
    return table[raw[np.where(inside, places, 0)]] & inside if len(raw) else inside


def find_numbers(text: bytes, digits: int, blanks: bytes, reach: int) -> Places:
    """Where so many digits begin, within `reach` bytes and with nothing between them but blanks and signs.

    Signs are those from "(" to "/"; `blanks` are bytes of further blanks, of which any stands for one.
    """
    raw = np.frombuffer(text, np.uint8)
    flags = lie_between(raw, ord("("), ord("9")) | (raw == _BLANK)
    if not text.isascii():
        others = np.flatnonzero(raw > _LAST_PRINTED)
        flags[others] = are_among(raw, others, blanks)
    places = find_runs_roughly(flags, digits)
    places = keep_runs(flags, places[lie_between(raw[places], ord("0"), ord("9"))], digits)
    spans = np.minimum(places[:, np.newaxis] + np.arange(reach), len(raw) - 1)
    inside = np.logical_and.accumulate(flags[spans], axis=1)
    are_digits = inside & lie_between(raw[spans], ord("0"), ord("9"))
    return places[np.count_nonzero(are_digits, axis=1) >= digits]


def find_runs_roughly(flags: Flags, length: int) -> Places:
    """Every place where at least `length` flags in a row, of seven or more, begin or go on, and some others."""
    words = flags[: len(flags) // _FOUR * _FOUR].view(np.uint32) == _ALL_FOUR
    near = np.flatnonzero(_begin_runs(words, (length - _FOUR + 1) // _FOUR)) * _FOUR
    places = (near[:, np.newaxis] - np.arange(_FOUR - 1, -1, -1)).ravel()
    return places[(places >= 0) & (places <= len(flags) - length)]


def keep_runs(flags: Flags, places: Places, length: int) -> Places:
    """Those of a few places at which so many flags follow in a row."""
    for number in range(length):
        places = places[flags[places + number]]
    return places


def _begin_runs(flags: Flags, length: int) -> Flags:
    """Which flags begin a run of `length`."""
    done = 1
    while done < length and len(flags) >= done:
        step = min(done, length - done)
        flags = flags[:-step] & flags[step:]
        done += step
    return flags if done == length else flags[:0]


def find_starts(raw: Bytes, places: Places, words: tuple[bytes, ...]) -> Places:
    """Those of some places at which one of some words of two bytes or more begins."""
    begins = np.zeros(1 << 16, np.bool_)
    begins[[word[0] << 8 | word[1] for word in words]] = True
    places = places[places + 1 < len(raw)]
    places = places[begins[raw[places].astype(np.uint16) << np.uint16(8) | raw[places + 1]]]
    return np.concatenate([_starting_with(raw, places, word) for word in words])


def _starting_with(raw: Bytes, places: Places, word: bytes) -> Places:
    for number, sign in enumerate(word):
        places = places[places + number < len(raw)]
        places = places[raw[places + number] == sign]
    return places
