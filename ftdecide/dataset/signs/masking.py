# pyright: reportPrivateUsage=false
# What is masked must be exactly what `personal` finds, so that its own tests of each kind are used.
"""Texts with placeholders in place of personal data and keys, for people to look at."""

import re

from ftdecide.dataset.signs.facts import personal_data
from ftdecide.dataset.signs.personal import (
    _EMAIL,
    _is_account,
    _is_card,
    _is_personal,
    _is_phone,
    _patterns,
    plain_blanks,
)
from ftdecide.translation import _

# A key in a file of its own: all of it, to its last line or the end of the text.
_KEY_BLOCK = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY.*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|\Z)", re.DOTALL)


def mask_personal(text: str) -> str:
    """The text with a placeholder such as [phone] in place of everything that `personal.find_kinds` finds in it."""
    facts, text = personal_data(), plain_blanks(text)
    text = _KEY_BLOCK.sub(_("[key]"), text)
    for rule in facts.keys:
        if rule.clue in text:
            text = _patterns(rule.pattern).sub(_("[key]"), text)
    text = _EMAIL.sub(lambda match: _("[e-mail]") if _is_personal(match) else match[0], text)
    text = _patterns(facts.iban.pattern).sub(lambda match: _("[account]") if _is_account(match[0]) else match[0], text)
    text = _patterns(facts.card.pattern).sub(lambda match: _("[card]") if _is_card(match[0]) else match[0], text)
    phones = _patterns(*facts.phone.patterns)
    return phones.sub(lambda match: _("[phone]") if _is_phone(match[0]) else match[0], text)
