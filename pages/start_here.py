"""Where everybody begins: start, open, import, or look at a worked example."""

from pathlib import Path

import streamlit as st

from ftdecide.assessment.types import read_assessment
from ftdecide.documents import parse_document, read_document
from ftdecide.errors import FtdecideError
from ftdecide.settings import DATA
from ftdecide.store import assessments
from ftdecide.translation import _, plural
from pages.parts import listing, show, state, verdict

FIRST_SHOWN = 10
# What the assessment takes; more is cut, because a box that refuses a pasted name says nothing.
LONGEST_TITLE = 200


def take_import() -> None:
    """Keep the file that was just chosen as a new assessment, or remember what is wrong with it."""
    file = state.widget_value("import")
    state.remember("import_problem", None)
    state.remember("imported", None)
    if file is None:
        return
    try:
        saved = listing.take_in(parse_document(file.getvalue(), file.name), file.name, Path(file.name).stem)
    except FtdecideError as error:
        state.remember("import_problem", str(error))
    else:
        state.remember("imported", saved.title)


def show_beginning() -> None:
    """Let a person name a new assessment, or bring one as a file."""
    with st.form("new", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(_("Name of your project"), placeholder=_("Support ticket routing"))
        if st.form_submit_button(show.primary_label(_("Start a new assessment"), "add"), type="primary"):
            title = " ".join((typed or "").split())[:LONGEST_TITLE] or _("Untitled assessment")
            document = {"schema_version": 1, "title": title}
            listing.open_page(assessments.create(state.store(), document, title=title).id)
    with st.expander(_("Or import one from a file")):
        st.file_uploader(
            _("JSON or YAML, as exported here or written for the command line"),
            type=["json", "yml", "yaml"],
            max_upload_size=20,
            key="import",
            on_change=take_import,
        )
    if problem := state.recall("import_problem"):
        st.error(problem, title=_("The file was not imported"), icon=":material/error:")
    if title := state.recall("imported"):
        st.success(
            _("Imported: {title}. It stands first in the list.").format(title=show.plain(title)),
            icon=":material/check:",
        )
        state.remember("imported", None)


def show_kept() -> None:
    """List what is kept, last changed first."""
    listing.show_undo()
    if problem := state.recall("start_problem"):
        st.error(problem, icon=":material/error:")
        state.remember("start_problem", None)
    kept = assessments.list_all(state.store())
    st.subheader(_("Your assessments"), anchor=False)
    if not kept:
        st.caption(_("None yet. Start one above, or open an example below."))
    shown = len(kept) if state.recall("show_all") else FIRST_SHOWN
    for saved in kept[:shown]:
        listing.show_row(saved)
    if len(kept) > shown:
        more = plural("Show {n} more", "Show {n} more", len(kept) - shown)
        st.button(
            more, on_click=state.remember, args=("show_all", True), type="tertiary", icon=":material/expand_more:"
        )


def show_examples() -> None:
    """Offer the worked examples; each opens as a copy of one's own."""
    st.subheader(_("Worked examples"), anchor=False)
    st.caption(_("Invented teams with typical answers. Each opens as a copy that you may change."))
    with st.grid(2, min_column_width=300):
        for path in sorted((DATA / "examples").glob("*.json")):
            show_example(path)


def show_example(path: Path) -> None:
    """Show one worked example with its verdict."""
    document = read_document(path)
    example = read_assessment(document, path.name)
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{example.title}**{show.example_badge(example.title or '', example=True)}")
        st.markdown(f":small[{example.use_case.description or ''}]")
        st.markdown(verdict.standing_badge(verdict.decision_of(example, state.today())))
        if st.button(_("Open a copy"), key=f"example:{path.stem}", icon=":material/content_copy:"):
            listing.open_page(listing.take_in(document, path.name, path.stem, example=True).id)


show.page_header(
    _("Should we fine-tune?"),
    _(
        "Answer a short questionnaire, with “don't know” wherever you like. See what every option would cost, and how "
        "it is measured whether a fine-tuned model beats a good prompt. Take away a decision that says what to do, how "
        "sure that is, and what would change it."
    ),
)
try:
    current = state.open_assessment()
except FtdecideError as unknown:
    show.problem(unknown)
    current = None
show_beginning()
if current:
    show.link_page(
        listing.FIRST_PAGE, _("Go on with {title}").format(title=show.plain(current.title)), "arrow_forward", current.id
    )
show_kept()
show_examples()
