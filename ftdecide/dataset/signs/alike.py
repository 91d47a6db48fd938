"""Which of many signatures are nearly the same as an earlier one: locality-sensitive hashing, then a comparison.

Signatures that agree in all six bytes of any of 21 bands are compared (Leskovec, Rajaraman and Ullman, "Mining of
Massive Datasets", chapter 3): at a likeness of 0.8 a pair is missed once in 600; at 0.5 a quarter is compared in vain.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ftdecide.dataset.signs.shingles import BINS, Bytes, Places, draw_numbers, mix
from ftdecide.dataset.signs.thresholds import NearDuplicateRule

_BANDS: Final = 21
_BAND_BYTES: Final = 6
# A crowded bucket is compared with this many of its own, one after another, never all with all.
_ROUNDS: Final = 4
_CHUNK: Final = 8192
_NONE: Final = 255

_Pairs = NDArray[np.int64]


def find_copies(signatures: Bytes, rule: NearDuplicateRule) -> Places:
    """For each signature the place of an earlier one that it nearly repeats and that is no copy itself, or -1.

    Args:
        signatures: rows as of `sign_texts`, in the order of the file.
        rule: what counts as nearly the same, and as a template.
    """
    shown = _hide_templates(signatures, rule)
    keys = _band_keys(shown)
    filled = np.flatnonzero(shown.any(axis=1))
    found = [pairs for band in range(_BANDS) for pairs in _pairs_of_band(shown, keys[:, band], filled, rule)]
    copies = np.full(len(signatures), -1, dtype=np.int64)
    if found:
        _resolve(np.unique(np.concatenate(found), axis=0), copies, shown, rule)
    return copies


def _hide_templates(signatures: Bytes, rule: NearDuplicateRule) -> Bytes:
    """Signatures without the bytes that most texts share: those stand for a template, not for a likeness."""
    texts = len(signatures)
    if texts < rule.template_examples:
        return signatures
    common = np.zeros((BINS, 256), dtype=bool)
    for place in range(BINS):
        common[place] = np.bincount(signatures[:, place], minlength=256) >= rule.template_share * texts
    common[:, 0] = False
    if not common.any():
        return signatures
    shown = signatures.copy()
    for place in np.flatnonzero(common.any(axis=1)):
        column = shown[:, place]
        column[common[place][column]] = 0
    # What is left of a text beyond its template may be too little to tell it from others.
    left, before = np.count_nonzero(shown, axis=1), np.count_nonzero(signatures, axis=1)
    shown[(left < before) & (left < rule.minimum_evidence)] = 0
    return shown


def _band_keys(signatures: Bytes) -> NDArray[np.uint32]:
    """A key for each text and band; empty bins borrow from the next that is filled (Shrivastava and Li, 2014)."""
    keys = np.empty((len(signatures), _BANDS), dtype=np.uint32)
    for start in range(0, len(signatures), _CHUNK):
        part = signatures[start : start + _CHUNK]
        places = np.where(part != 0, np.arange(BINS, dtype=np.uint8), np.uint8(_NONE))
        following = np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1]
        first = (part != 0).argmax(axis=1).astype(np.uint8)
        following = np.where(following == _NONE, first[:, None], following)
        dense = np.take_along_axis(part, following.astype(np.int64), axis=1)
        key = np.zeros((len(part), _BANDS), dtype=np.uint64)
        for bins in _draw_bins():
            key = key << np.uint64(8) | dense[:, bins]
        keys[start : start + _CHUNK] = mix(key) >> np.uint64(32)
    return keys


def _draw_bins() -> Iterator[Places]:
    """Bins that make up the bands, drawn anew for each, as neighbours of a short text borrow from the same run."""
    lots = draw_numbers(np.arange(_BANDS * BINS, dtype=np.uint64)).reshape(_BANDS, BINS)
    drawn = np.argsort(lots, axis=1)[:, :_BAND_BYTES]
    return (drawn[:, place] for place in range(_BAND_BYTES))


def _pairs_of_band(
    signatures: Bytes, keys: NDArray[np.uint32], filled: Places, rule: NearDuplicateRule
) -> Iterator[_Pairs]:
    """Pairs (later, earlier) that are alike, of texts that share a bucket."""
    members = filled[np.argsort(keys[filled], kind="stable")]
    for _round in range(_ROUNDS):
        bucket = keys[members]
        first = np.ones(members.size, dtype=bool)
        first[1:] = bucket[1:] != bucket[:-1]
        later = np.flatnonzero(~first)
        if not later.size:
            return
        leaders = members[np.maximum.accumulate(np.where(first, np.arange(members.size), 0))]
        alike = _are_alike(signatures, members[later], leaders[later], rule.similarity)
        yield np.column_stack((members[later], leaders[later]))[alike]
        members = members[later[~alike]]


def _are_alike(signatures: Bytes, left: Places, right: Places, similarity: float) -> NDArray[np.bool_]:
    """Whether so large a share of the bins that either fills holds the same, which estimates Jaccard's likeness."""
    alike = np.empty(left.size, dtype=bool)
    for start in range(0, left.size, _CHUNK):
        one, other = signatures[left[start : start + _CHUNK]], signatures[right[start : start + _CHUNK]]
        same = np.count_nonzero((one == other) & (one != 0), axis=1)
        alike[start : start + _CHUNK] = same >= similarity * np.count_nonzero(one | other, axis=1)
    return alike


def _resolve(pairs: _Pairs, copies: Places, signatures: Bytes, rule: NearDuplicateRule) -> None:
    """Take for a copy what is like an earlier text that is none, so that removing copies leaves one of each group."""
    partners: dict[int, list[int]] = {}
    for later, earlier in pairs.tolist():
        partners.setdefault(later, []).append(earlier)
    for later, earlier in partners.items():
        kept = [place for place in earlier if copies[place] < 0]
        if not kept:
            kept = sorted({int(copies[place]) for place in earlier})
            one = np.full(len(kept), later)
            alike = _are_alike(signatures, one, np.array(kept), rule.similarity)
            kept = [place for place, fits in zip(kept, alike.tolist(), strict=True) if fits]
        if kept:
            copies[later] = kept[0]
