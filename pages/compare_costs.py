"""Put the cost of a month side by side: every model that can be tuned, and those that could take its place."""

import streamlit as st

from ftdecide.assessment.types import Assessment
from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.costs.monthly import MonthlyCost, list_monthly_costs, shortlist
from ftdecide.costs.traffic import Traffic, answered, example_traffic
from ftdecide.errors import FtdecideError, NotFoundError
from ftdecide.translation import _
from pages.parts import cost_chart, costs, show, state

LABELS = {
    "requests_per_month": _("Requests a month"),
    "prompt_tokens": _("Tokens of fixed instructions"),
    "input_tokens": _("Further tokens of a request"),
    "output_tokens": _("Tokens of an answer"),
    "training_examples": _("Training examples"),
    "epochs": _("Rounds of training (epochs)"),
}


def ask_traffic(opened: state.Open | None) -> Traffic:
    """Show the six numbers, filled with the assessment's answers and else with assumed ones, and return them."""
    known = answered(opened.assessment) if opened else {}
    start = example_traffic().model_dump() | known
    values: dict[str, int] = {}
    columns = [*st.columns(3, vertical_alignment="bottom"), *st.columns(3, vertical_alignment="bottom")]
    for column, (name, label) in zip(columns, LABELS.items(), strict=True):
        with column:
            key = f"cost:{opened.id if opened else ''}:{name}:{start[name]}"
            number = st.number_input(label, min_value=1 if name == "epochs" else 0, value=int(start[name]), key=key)
            values[name] = int(number)
            kind = "answered" if known.get(name) == values[name] else "assumed"
            st.markdown(f":small[{show.origin(kind)}]")
    return Traffic(**values)


def own_model(assessment: Assessment | None) -> tuple[str | None, str | None]:
    """Return the ids of the provider and model that the assessment names, where the catalogue knows them."""
    if assessment is None or not assessment.costs.provider or not assessment.costs.base_model:
        return None, None
    catalog = load_catalog()
    try:
        provider = find_provider(catalog, assessment.costs.provider)
        return provider.id, find_model(catalog, provider.id, assessment.costs.base_model).id
    except NotFoundError as error:
        show.problem(error)
        return None, None


def choose_rows(rows: tuple[MonthlyCost, ...], assessment: Assessment | None) -> tuple[MonthlyCost, ...]:
    """Let a person choose between the short list, one provider and everything."""
    names = {row.provider.id: row.provider.name for row in rows}
    chosen = st.pills(
        _("Show"),
        [_("The cheapest of each provider"), *names.values(), _("Everything")],
        default=_("The cheapest of each provider"),
        key="cost_choice",
    )
    if chosen == _("Everything"):
        return rows
    picked = tuple(row for row in rows if row.provider.name == chosen)
    return picked or shortlist(rows, *own_model(assessment))


def show_limits() -> None:
    """Say plainly what the numbers leave out."""
    st.subheader(_("What this page does not do yet"), anchor=False)
    st.markdown(
        _(
            "- **Ranges**: it works with single numbers; of a range in the assessment it takes the middle.\n"
            "- **The whole time until retirement**: it costs one month, not the months until the model stops.\n"
            "- **Break-even**: it does not say from how many requests on one option becomes the cheaper one.\n"
            "- **Quality**: the cheapest model may be too weak; only a comparison on your own data can tell.\n"
            "- Cached prompts, batch discounts, validation tokens, storage, people's time and taxes are left out; a "
            "large model may need more machines than the one that is counted."
        )
    )


def main() -> None:
    """Show the page."""
    show.page_header(
        _("Put costs side by side"),
        _(
            "What a month costs on every model that can be tuned and on those that could take its place. Training is "
            "paid once; keeping a tuned model ready is often paid for every hour, used or not."
        ),
    )
    try:
        opened = state.open_assessment()
    except FtdecideError as error:
        show.problem(error)
        opened = None
    if opened is None:
        st.info(_("No assessment is open, so the numbers below are assumed. Change them, or open an assessment."))
    assessment = opened.assessment if opened else None
    today = state.today()
    day = (assessment.as_of if assessment else None) or today
    with st.container(border=True):
        traffic = ask_traffic(opened)
    customer = True if assessment and assessment.costs.tunable == "yes" else None
    rows = choose_rows(list_monthly_costs(load_catalog(), traffic, day, customer), assessment)
    told = _("As of {day}. Prices are {origin}; every one of them names its source below.")
    st.markdown(f":small[{told.format(day=day, origin=show.origin('quoted'))}]")
    if any(row.month_usd is not None for row in rows):
        cost_chart.show_chart(rows)
    costs.show_table(rows, today)
    with st.expander(_("Where every price was read"), icon=":material/format_quote:"):
        costs.show_sources(rows, today)
    show_limits()


main()
