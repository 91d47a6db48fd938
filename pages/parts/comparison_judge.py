"""Whether a model judges pairs of answers, which one, and by what."""

from typing import Any, NamedTuple

import streamlit as st

from ftdecide.providers.connections import LOCAL, load_connections
from ftdecide.translation import _
from pages.parts import comparison_provider, state


class Judge(NamedTuple):
    """The judge as a plan says it, None without one; `complete` once all is named, `ready` if there is a key too."""

    plan: dict[str, Any] | None
    complete: bool = True
    ready: bool = True


def choose_judge() -> Judge:
    """Let a person have pairs of answers judged; people can label them with or without a judge."""
    with st.expander(_("A model as judge"), icon=":material/balance:"):
        wanted = st.toggle(
            _("Let a model say which of two answers is better"),
            key="run_judge",
            help=_("For answers that no rule can mark. It sees every pair in both orders, and not whose they are."),
        )
        return _choose() if wanted else Judge(None)


def _choose() -> Judge:
    known = {each.id: each for each in load_connections().connections if each.id != LOCAL}
    left, right = st.columns(2)
    name = left.selectbox(
        _("Who judges"), list(known), format_func=lambda key: known[key].title, key="run_judge_provider"
    )
    connection = known[name]
    model = right.text_input(
        _("The judge's model"),
        key="run_judge_model",
        help=_("Of another family than the models that answer: models favour answers of their own kind."),
    ).strip()
    address = ""
    if connection.base_url is None and connection.address_variable is None:
        address = right.text_input(
            _("Address of the judge's server"), key="run_judge_address", placeholder="https://server/v1"
        ).strip()
    criterion = st.text_area(
        _("By what is an answer better?"),
        key="run_judge_criterion",
        placeholder=_("For example: which answer settles the customer's question with fewer words?"),
        max_chars=4000,
    ).strip()
    families = _choose_families()
    missing = comparison_provider.missing_variables(connection)
    if missing:
        comparison_provider.say_missing(connection, missing)
    complete = bool(model and criterion) and bool(address or connection.base_url or connection.address_variable)
    if not complete:
        st.caption(_("Name the judge's model, what makes an answer better, and the address where it is asked for."))
    here = not missing or state.settings().worker == "external"
    provider = {"id": name, "model": model, "base_url": address or None}
    return Judge({"provider": provider, "criterion": criterion, **families}, complete, complete and here)


def _choose_families() -> dict[str, str | None]:
    """Ask for families that names do not tell, such as those of deployments."""
    left, right = st.columns(2)
    asked = _("Only where the name does not tell it, such as that of a deployment. For example: openai, meta, mistral.")
    mine = left.text_input(_("The judge's family (if asked for)"), key="run_judge_family", help=asked).strip()
    theirs = right.text_input(
        _("The answering models' family (if asked for)"), key="run_arm_family", help=asked
    ).strip()
    return {"family": mine or None, "arm_family": theirs or None}
