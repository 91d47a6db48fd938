"""Taking what an audit counted over into the open assessment."""

from typing import Any

import streamlit as st

from ftdecide.assessment.answers import flat_answers, with_answers
from ftdecide.assessment.types import dump_assessment
from ftdecide.dataset.samples import load_sample
from ftdecide.errors import FtdecideError
from ftdecide.translation import _, plural
from pages.parts import audit_verdict, scenario_start, scenario_state, show, state
from pages.parts.audit_run import Kept

ORIGIN = "data:"
_COSTS = "pages/compare_costs.py"


def offer_counts(kept: Kept, opened: state.Open | None) -> None:
    """Offer the number of training examples, and the size of the test part, as measured answers."""
    if opened is None:
        _offer_start(kept)
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
        show.link_page(_COSTS, _("Put the costs of all options side by side"), "balance", opened.id)
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


def _offer_start(kept: Kept) -> None:
    """Offer to start an assessment with what was counted, and to see at once what each option would cost."""
    fields = countable(kept)
    if not fields:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        label = _("See what each option would cost")
        if audit_verdict.judge(kept.result).kind == "not_usable":
            # Mending comes first then, so this is only one thing among others to press.
            pressed = st.button(label, icon=":material/balance:", key="data_costs")
        else:
            pressed = st.button(show.primary_label(label, "balance"), type="primary", key="data_costs")
        st.caption(_("Starts an assessment with {numbers}.").format(numbers=_say(fields)), width="content")
    if pressed:
        st.switch_page(_COSTS, query_params={"assessment": start_costs(kept)})


def start_costs(kept: Kept) -> str:
    """Keep an assessment with what an audit counted and a comparison of its options; return the assessment's id."""
    fields = countable(kept)
    sample = load_sample(kept.sample) if kept.sample else None
    title = sample.title if sample else _("Costs with {file}").format(file=kept.train)
    document = scenario_start.describe_sample(sample) if sample else {"schema_version": 1, "title": title}
    origins = dict.fromkeys(fields, ORIGIN + kept.key)
    return scenario_state.start_with(
        with_answers(document, fields), title=title, example=sample is not None, origins=origins
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
