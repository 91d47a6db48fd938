"""Pairs of answers that people judge blindly: which ones, in which order they are shown, and what was said of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, assert_never

from ftdecide.errors import ConflictError
from ftdecide.experiment.judge.pairs import AnswerPair, Side, first_side, shuffle
from ftdecide.store.database import Store
from ftdecide.store.tunes import SavedEvent, add_event, load_events
from ftdecide.translation import _

Choice = Literal["first", "second", "same", "skip"]
CHOICES: tuple[Choice, ...] = ("first", "second", "same", "skip")
_KIND = "label"
_DIGEST_SHOWN = 40


class Sheet(NamedTuple):
    """The pairs to label, in the order in which they come, and what has been said so far, by digest."""

    pairs: tuple[AnswerPair, ...]
    said: Mapping[str, Choice]
    seed: int

    @property
    def open(self) -> tuple[AnswerPair, ...]:
        """The pairs that a person has to look at; equal and failed answers need nobody."""
        return tuple(pair for pair in self.pairs if pair.settled is None)

    @property
    def next(self) -> AnswerPair | None:
        """The first pair of which nothing has been said."""
        return next((pair for pair in self.open if pair.digest not in self.said), None)

    @property
    def done(self) -> int:
        """How many pairs something was said of, skipped ones included."""
        return sum(pair.digest in self.said for pair in self.open)


def open_sheet(store: Store, run_id: str, pairs: Sequence[AnswerPair], seed: int, count: int) -> Sheet:
    """Return the first `count` pairs of the order that `seed` settles, with what was said of them."""
    chosen = shuffle(pairs, seed)[:count]
    return Sheet(chosen, read_choices(load_events(store, run_id, _KIND)), seed)


def read_choices(events: Iterable[SavedEvent]) -> dict[str, Choice]:
    """Return what was last said of each pair, by digest; what was taken back is gone."""
    said: dict[str, Choice] = {}
    for event in events:
        digest, choice = str(event.payload["pair"]), event.payload["choice"]
        said.pop(digest, None)
        if choice is not None:
            said[digest] = choice
    return said


def save_choice(store: Store, run_id: str, pair: AnswerPair, choice: Choice | None, seed: int) -> None:
    """Keep what a person says of a pair; later words count, and None takes back what was said.

    Raises:
        ConflictError: somebody else said something of the same pair at this moment.
    """
    before = sum(event.payload["pair"] == pair.digest for event in load_events(store, run_id, _KIND))
    key = f"{_KIND}:{pair.digest[:_DIGEST_SHOWN]}:{before}"
    payload = {"pair": pair.digest, "choice": choice, "first": first_side(pair, seed)}
    if not add_event(store, run_id, key, _KIND, payload):
        raise ConflictError(_("somebody else labelled this pair at the same moment; look at it again"))


def labels_of(sheet: Sheet) -> dict[str, float]:
    """Return the labels in favour of the arm, 1, 0 or -1, by digest: of the pairs up to the last that was looked at.

    Settled pairs among those count as labelled, because every one of a random part has to: had they been left out,
    what people say would stand for the pairs in which something differs alone. Skipped ones are missing.
    """
    places = [place for place, pair in enumerate(sheet.pairs) if pair.settled is None and pair.digest in sheet.said]
    looked_at = sheet.pairs if sheet.next is None else sheet.pairs[: places[-1] + 1 if places else 0]
    labels: dict[str, float] = {}
    for pair in looked_at:
        value = pair.settled if pair.settled is not None else _value(sheet, pair)
        if value is not None:
            labels[pair.digest] = value
    return labels


def _value(sheet: Sheet, pair: AnswerPair) -> float | None:
    choice = sheet.said.get(pair.digest)
    if choice is None:
        return None
    match choice:
        case "skip":
            return None
        case "same":
            return 0.0
        case "first":
            return _favour(first_side(pair, sheet.seed))
        case "second":
            return -_favour(first_side(pair, sheet.seed))
        case _:
            assert_never(choice)


def _favour(side: Side) -> float:
    return 1.0 if side == "arm" else -1.0
