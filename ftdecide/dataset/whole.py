"""What only the whole file shows: its size and number of examples, what repeats, answers that are labels."""

from typing import NamedTuple

from ftdecide.dataset.limits import FileLimits, Limit, default_epochs
from ftdecide.dataset.measure import cut_total
from ftdecide.dataset.part import Part
from ftdecide.dataset.tally import Tally
from ftdecide.translation import _


class File(NamedTuple):
    """Size in bytes, the model's longest example in tokens, the providers' limits."""

    size: int
    limit: int | None
    limits: FileLimits


def judge_whole(part: Part, file: File) -> None:
    """Add to a part, which is the whole file, what only the whole shows."""
    tally = part.tally
    _judge_number(tally, part.examples, file.limits)
    _judge_size(part, file)
    repeated = part.repeats.find()
    tally.add_lines("exact_duplicate", part.answered.look_up(repeated.word_for_word))
    tally.add_lines("conflicting_answers", part.answered.look_up(repeated.answered_differently))
    if file.limit is not None:
        tally.fill("too_long", limit=file.limit)
    if 0 < part.preference_pairs < part.examples:
        tally.set("mixed_formats", min(part.preference_pairs, part.examples - part.preference_pairs))
    _judge_answers(tally, part.repeats.answer_counts())


def _judge_number(tally: Tally, examples: int, limits: FileLimits) -> None:
    minimum, recommended, most = limits.minimum_examples, limits.recommended_examples, limits.maximum_examples
    if examples < minimum.value:
        tally.set("too_few_examples", examples, minimum=minimum.value, recommended=recommended)
    elif examples < recommended:
        tally.set("few_examples", examples, recommended=recommended)
    if most and examples > most.value:
        tally.set("too_many_examples", examples, maximum=most.value, provider=most.provider)


def _judge_size(part: Part, file: File) -> None:
    megabytes, tokens = file.limits.file_mb, file.limits.training_tokens
    if megabytes and file.size > megabytes.value * 1_000_000:
        part.tally.set("file_too_large", -(-file.size // 1_000_000), **_told(megabytes))
    if tokens:
        trained = cut_total(part.lengths, file.limit) * default_epochs(part.examples, file.limits)
        if trained > tokens.value:
            part.tally.set("too_many_training_tokens", trained, **_told(tokens))


def _told(limit: Limit) -> dict[str, str | int]:
    return {"maximum": limit.value, "provider": limit.provider or _("the provider")}


def _judge_answers(tally: Tally, answers: tuple[int, ...]) -> None:
    """Say when there are but few different answers (counts of each, largest first)."""
    if len(answers) == 1:
        tally.set("one_answer", answers[0])
    elif answers:
        share, rarest = answers[0] / sum(answers), answers[-1]
        tally.set("few_distinct_answers", len(answers), share=f"{share:.0%}", rarest=rarest)
