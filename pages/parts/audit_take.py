"""Taking what an audit counted over into the open assessment."""

from typing import Any

import streamlit as st

from ftdecide.assessment.answers import flat_answers
from ftdecide.assessment.types import dump_assessment
from ftdecide.errors import FtdecideError
from ftdecide.translation import _, plural
from pages.parts import show, state
from pages.parts.audit_run import Kept

ORIGIN = "data:"


def offer_counts(kept: Kept, opened: state.Open | None) -> None:
    """Offer the number of training examples, and the size of the test part, as measured answers."""
    if opened is None:
        st.caption(_("With an assessment open, these numbers can be taken over into it."))
        return
    fields = countable(kept)
    if not fields:
        return
    title = show.plain(opened.title)
    known = flat_answers(dump_assessment(opened.assessment))
    numbers = _say(fields)
    if all(
        known.get(path) == value and opened.origins.get(path) == ORIGIN + kept.key for path, value in fields.items()
    ):
        st.success(
            _("The assessment “{title}” counts on {numbers}.").format(title=title, numbers=numbers),
            icon=":material/check:",
        )
        return
    demonstration = f" {_('of the demonstration data')}" if kept.sample else ""
    label = _("Use {numbers}{whose} in “{title}”").format(numbers=numbers, whose=demonstration, title=title)
    if not st.button(label, icon=":material/input:", key="data_take"):
        return
    try:
        saved = state.save_fields(opened, fields, origin=ORIGIN + kept.key)
    except FtdecideError as error:
        show.problem(error)
        return
    if saved:
        st.rerun()
    st.warning(
        _("The assessment was changed elsewhere meanwhile. Open its costs page to choose which answers stay."),
        icon=":material/warning:",
    )


def countable(kept: Kept) -> dict[str, Any]:
    """Field paths of the assessment and what was counted for them."""
    fields: dict[str, Any] = {}
    if kept.result.examples:
        fields["costs.training_examples"] = kept.result.examples
    if kept.result.test_examples:
        fields["alternatives.evaluation_examples"] = kept.result.test_examples
    return fields


def _say(fields: dict[str, Any]) -> str:
    trained, tested = fields.get("costs.training_examples"), fields.get("alternatives.evaluation_examples")
    said = [plural("{n:,} training example", "{n:,} training examples", trained)] if trained else []
    said += [plural("{n:,} test example", "{n:,} test examples", tested)] if tested else []
    return _(" and ").join(said)
