"""The page table and the navigation; everything else is in `pages/`."""

import streamlit as st

from ftdecide.translation import _
from pages.parts import state

# Section -> pages: file in pages/ (without .py), address, title, icon, what it is for.
# No address may equal its file's name: Streamlit would serve that page without this file (see tests/test_pages.py).
PAGES: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "Assess": (
        ("start_here", "start", "Start here", "home", "Start, open, copy, import and export assessments."),
        ("describe_use_case", "use-case", "Use case", "flag", "Say what the model should do better, and how often."),
        ("try_alternatives", "alternatives", "Alternatives", "alt_route", "Say what was tried, and how well it did."),
        ("weigh_costs", "costs", "Costs", "payments", "Settle who may tune what, with which data, people and money."),
        (
            "confirm_benefits",
            "benefits",
            "Benefits",
            "trending_up",
            "Say what a fine-tuned model was measured to gain.",
        ),
    ),
    "Measure": (
        ("audit_data", "data", "Data", "fact_check", "Check the training and test data before paying for anything."),
        ("compare_costs", "scenarios", "Scenarios", "balance", "Put the cost of every option side by side."),
        ("run_comparison", "comparison", "Comparison", "science", "Measure the options on one locked test set."),
    ),
    "Decide": (("read_decision", "decision", "Decision", "gavel", "Read, question and export the decision."),),
    "Learn": (
        ("learn_how", "how", "How to fine-tune", "school", "The lesson, and how to tune on each system."),
        ("manage_settings", "settings", "Settings", "settings", "Providers, keys and prices."),
    ),
}


def main() -> None:
    """Show the page that the address names, and links to all others that keep the open assessment."""
    st.set_page_config(page_title="ftdecide", page_icon="pages/parts/icon.svg", layout="wide")
    # With the menu folded, the name beside it would push Streamlit's own menu off a narrow screen.
    st.logo("pages/parts/logo.svg", size="large", icon_image="pages/parts/icon.svg")
    menu = {
        _(section): [
            st.Page(
                f"pages/{file}.py",
                url_path=address,
                title=_(title),
                icon=f":material/{icon}:",
                help=_(purpose),
                default=file == "start_here",
            )
            for file, address, title, icon, purpose in rows
        ]
        for section, rows in PAGES.items()
    }
    page = st.navigation(menu)
    opened = state.open_id()
    with st.sidebar:
        for section, pages in menu.items():
            with st.container(gap="xsmall"):
                st.caption(section)
                for each in pages:
                    st.page_link(each, width="stretch", query_params={"assessment": opened} if opened else None)
    page.run()


if __name__ == "__main__":
    main()
