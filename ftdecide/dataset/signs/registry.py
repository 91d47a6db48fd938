"""All signs, in a plain list."""

from collections.abc import Iterable

from ftdecide.dataset.sign import Sign
from ftdecide.dataset.signs.answers import ChatMarkup, EmptyWords, Refusals
from ftdecide.dataset.signs.damage import EncodingDamage
from ftdecide.dataset.signs.endings import CutAnswers
from ftdecide.dataset.signs.labels import LabelBalance
from ftdecide.dataset.signs.languages import MixedLanguages
from ftdecide.dataset.signs.lengths import LengthOutliers
from ftdecide.dataset.signs.near_duplicates import NearDuplicates
from ftdecide.dataset.signs.personal import PersonalData
from ftdecide.dataset.signs.system_prompts import SystemPrompts
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import Example

SIGNS: tuple[type[Sign], ...] = (
    PersonalData,
    EncodingDamage,
    Refusals,
    ChatMarkup,
    EmptyWords,
    CutAnswers,
    SystemPrompts,
    LabelBalance,
    MixedLanguages,
    LengthOutliers,
    NearDuplicates,
)


def find_signs(examples: Iterable[Example]) -> tuple[Finding, ...]:
    """Everything that the signs find in examples, each seen by every sign."""
    signs = [sign() for sign in SIGNS]
    for example in examples:
        for sign in signs:
            sign.add(example.line, example)
    return tuple(finding for sign in signs for finding in sign.finish())
