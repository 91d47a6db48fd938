"""What one training run on an audited file costs at the chosen provider."""

from decimal import Decimal
from typing import NamedTuple

import streamlit as st

from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.lookup import find_provider
from ftdecide.costs.plan import make_plan
from ftdecide.costs.scenario import Option, Scenario, ScenarioTraffic, Training
from ftdecide.costs.tally import tally
from ftdecide.costs.types import Line
from ftdecide.dataset.checks import Audit
from ftdecide.errors import FtdecideError
from ftdecide.translation import _
from pages.parts.audit_target import Target


class RunCost(NamedTuple):
    """The line of one training run, or why there is none, in a few words and in a sentence."""

    line: Line | None
    short: str = ""
    why: str = ""


def price_run(result: Audit, target: Target) -> RunCost:
    """Price one run with the default number of passes; preference pairs are priced as such."""
    if not result.examples:
        return RunCost(None, "—", "")
    if not target.provider or not target.model:
        return RunCost(None, "—", _("Choose where and which model to tune, and the price of one run stands here."))
    pairs = any(finding.code == "preference_pairs" for finding in result.findings)
    return _price(target, result.training_tokens_per_epoch, result.default_epochs, pairs)


@st.cache_resource(max_entries=256, show_spinner=False)
def _price(target: Target, tokens_per_epoch: int, epochs: int, pairs: bool) -> RunCost:  # noqa: FBT001 - cached by position
    owner = find_provider(load_catalog(), target.provider)
    if owner.status == "self_managed":
        return RunCost(
            None,
            _("by the hour"),
            _("On your own or a rented machine hours are paid, not tokens; the scenarios page estimates them."),
        )
    training = Training(
        method="dpo" if pairs else "sft", tokens_per_epoch=Decimal(tokens_per_epoch), epochs=Decimal(epochs)
    )
    option = Option(name="run", provider=owner.id, model=target.model, fine_tuned=True, training=training)
    one = Decimal(1)
    traffic = ScenarioTraffic(requests_per_month=one, input_tokens=one, output_tokens=one)
    scenario = Scenario(horizon_months=1, traffic=traffic, options=(option,))
    try:
        plan = make_plan(scenario, option, target.day, load_catalog())
    except FtdecideError:
        return RunCost(None, _("not known"), _("The catalogue has no price for this model there."))
    if not plan.available:
        return RunCost(None, _("not offered"), " ".join(warning.text for warning in plan.warnings[:1]))
    line = next((line for line in tally(plan).lines if line.code == "training"), None)
    if line is None:
        return RunCost(None, _("not known"), _("The catalogue has no price for tuning this model there."))
    return RunCost(line)
