"""Where in much text, taken as bytes, something may stand that is worth a closer look; a nanosecond a byte or so."""

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


def lie_between(raw: Bytes, low: int, high: int) -> Flags:
    """Which bytes are from `low` to `high`, both included."""
    return (raw - np.uint8(low)) <= np.uint8(high - low)


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
    table = np.zeros(256, np.bool_)
    table[list(controls)] = True
    low = np.flatnonzero(raw < ord(" "))
    return np.concatenate([low[table[raw[low]]], np.flatnonzero(raw == controls[-1])])


def find_numbers(raw: Bytes, digits: int, blanks: bytes) -> Places:
    """Where so many digits stand in a row, with nothing between them but blanks and the signs from "(" to "/".

    `blanks` are bytes of further blanks, of which any stands for one.
    """
    are_digits = lie_between(raw, ord("0"), ord("9"))
    flags = lie_between(raw, ord("("), ord("9")) | (raw == ord(" "))
    if len(raw) and raw.max() >= min(blanks):
        for sign in set(blanks):
            flags |= raw == sign
    places = find_runs(flags, digits)
    return places[are_digits[places]]


def find_runs(flags: Flags, length: int) -> Places:
    """Where at least `length` flags in a row begin or go on."""
    done = 1
    while done < length and len(flags) >= done:
        step = min(done, length - done)
        flags = flags[:-step] & flags[step:]
        done += step
    return np.flatnonzero(flags)


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
