"""Check a data set: format, repeats, overlap of training and test part, and tokens, before anything is paid for."""

from typing import BinaryIO, cast

import streamlit as st

from ftdecide.dataset.checks import Audit
from ftdecide.dataset.samples import Sample, list_samples
from ftdecide.errors import FtdecideError
from ftdecide.translation import _, plural
from pages.parts import audits, show, state
from pages.parts.audits import Checked, Upload

FORMATS = ["jsonl", "ndjson", "csv", "tsv"]


def choose_upload(label: str, key: str) -> Upload | None:
    """Let a person choose a file from their machine."""
    file = st.file_uploader(label, type=FORMATS, key=key)
    return Upload(cast("BinaryIO", file), file.name, file.file_id) if file else None


def audit_choice(model: str) -> Checked | None:
    """Let a person choose their own files or a sample, and audit them."""
    own = st.segmented_control(
        _("What to check"),
        [_("A sample"), _("Your own files")],
        default=_("A sample"),
        required=True,
        key="data_source",
    )
    if own == _("A sample"):
        samples = {sample.name: sample for sample in list_samples()}
        name = st.selectbox(_("Sample"), list(samples), format_func=lambda key: samples[key].title, key="data_sample")
        show_sample(samples[name])
        return audits.audit_sample(name, model)
    left, right = st.columns(2)
    with left:
        train = choose_upload(_("Training part"), "data_train")
    with right:
        test = choose_upload(_("Test part (optional)"), "data_test")
    st.caption(
        _(
            "JSON Lines with messages, or prompt and completion; or CSV with named columns (prompt and completion, "
            "question and answer, text and label, input and output). Files stay in this session and are not stored."
        )
    )
    if train is None:
        return None
    return audits.audit_uploads(train, test, model)


def show_sample(sample: Sample) -> None:
    """Say what a sample is."""
    st.markdown(f":violet-badge[:material/labs: {_('Demonstration data')}] {sample.summary} {sample.note}")


def offer_examples(result: Audit, opened: state.Open | None, *, is_sample: bool) -> None:
    """Offer to take the number of examples over into the open assessment."""
    if opened is None:
        st.caption(_("With an assessment open, the number of examples can be taken over into it."))
        return
    title, count = show.plain(opened.title), result.examples
    if not count:
        return
    if opened.assessment.costs.training_examples == count:
        told = plural(
            "The assessment “{{title}}” counts on {n} training example.",
            "The assessment “{{title}}” counts on {n} training examples.",
            count,
        )
        st.success(told.format(title=title), icon=":material/check:")
        return
    if is_sample:
        label = plural("Use the {n} demonstration example", "Use the {n} demonstration examples", count)
    else:
        label = plural("Use the {n} training example", "Use the {n} training examples", count)
    if st.button(f"{label} {_('in “{title}”').format(title=title)}", icon=":material/input:"):
        try:
            saved = state.save_fields(opened, {"costs.training_examples": count})
        except FtdecideError as error:
            show.problem(error)
            return
        if saved:
            st.rerun()
        st.warning(
            _("The assessment was changed elsewhere meanwhile. Open its costs page to choose which answers stay."),
            icon=":material/warning:",
        )


def show_page() -> None:
    """Lead a person from the choice of a file to what to mend in it."""
    show.page_header(
        _("Check the data"),
        _("Format, repeats, overlap of training and test part, and tokens: before anything is paid for."),
    )
    try:
        opened = state.open_assessment()
        model = st.text_input(
            _("Model to be tuned (optional)"),
            value=(opened.assessment.costs.base_model if opened else None) or "",
            placeholder="gpt-4.1-mini",
            help=_("Decides how tokens are counted and how long an example may be."),
            max_chars=100,
            key="data_model",
        ).strip()
        checked = audit_choice(model)
        if checked:
            audits.show_figures(checked.result, named=bool(model))
            audits.show_rows(checked.first)
            is_sample = state.widget_value("data_source") == _("A sample")
            offer_examples(checked.result, opened, is_sample=is_sample)
            audits.show_findings(checked.result)
    except FtdecideError as error:
        show.problem(error)
    st.caption(
        _(
            "Not looked for yet: examples that are nearly the same, personal data such as names and addresses. "
            "No mended copy of the file is written; mend your own and check it again."
        )
    )


show_page()
