"""An audit as people see it: figures, findings, a look at the rows, downloads."""

from collections.abc import Sequence
from itertools import islice
from typing import BinaryIO, NamedTuple

import streamlit as st

from ftdecide.dataset.checks import Audit, audit
from ftdecide.dataset.export import render_findings
from ftdecide.dataset.read import Example, Source, stream_examples
from ftdecide.dataset.samples import load_sample
from ftdecide.dataset.tally import Finding
from ftdecide.translation import _, plural
from pages.parts import show

# Severity -> colour, icon, words; the words stand beside the colour, as not everybody sees it.
SEVERITIES = {
    "error": ("red", "error", _("Must be mended")),
    "warning": ("orange", "warning", _("Look at this")),
    "info": ("blue", "info", _("Good to know")),
}
LINES_LOOKED_AT, EXAMPLES_SHOWN = 50, 3


class Checked(NamedTuple):
    """An audit, and the first examples of the training part."""

    result: Audit
    first: tuple[Example, ...]


class Upload(NamedTuple):
    """An uploaded file: its bytes, the name it has on its owner's machine (shown, never used as a path), its id."""

    stream: BinaryIO
    name: str
    id: str


@st.cache_data(
    max_entries=4, show_spinner=_("Reading the files …"), scope="session", hash_funcs={Upload: lambda file: file.id}
)
def audit_uploads(train: Upload, test: Upload | None, model: str) -> Checked:
    """Audit uploaded files."""
    for file in (train, test):
        if file:
            file.stream.seek(0)
    result = audit(
        train.stream,
        name=train.name,
        model=model or None,
        test_path=test.stream if test else None,
        test_name=test.name if test else "",
    )
    train.stream.seek(0)
    return Checked(result, first_examples(train.stream, train.name))


@st.cache_data(max_entries=16, show_spinner=_("Reading the sample …"))
def audit_sample(name: str, model: str) -> Checked:
    """Audit a demonstration data set."""
    sample = load_sample(name)
    result = audit(sample.train_path, test_path=sample.test_path, model=model or None)
    return Checked(result, first_examples(sample.train_path))


def first_examples(source: Source, name: str = "") -> tuple[Example, ...]:
    """Read the first examples, among the first lines only."""
    items = islice(stream_examples(source, name), LINES_LOOKED_AT)
    return tuple(islice((item for item in items if isinstance(item, Example)), EXAMPLES_SHOWN))


def show_figures(result: Audit, *, named: bool) -> None:
    """Show examples and tokens: figures, a table, how long examples are; `named` says whether a model was named."""
    tokens = result.tokens
    with st.container(horizontal=True):
        st.metric(_("Training examples"), f"{result.examples:,}", border=True)
        if result.test_examples is not None:
            st.metric(_("Test examples"), f"{result.test_examples:,}", border=True)
        st.metric(_("Tokens in one pass"), f"{result.training_tokens_per_epoch:,}", border=True)
        st.metric(_("Usual passes (epochs)"), result.default_epochs, border=True)
    st.caption(
        _("A token is a piece of a word, the unit in which providers bill.")
        + " "
        + _say_encoding(result, named=named).format(encoding=result.encoding)
        + " "
        + _("The few tokens around each message are an estimate.")
    )
    if not result.examples:
        return
    left, right = st.columns([2, 3])
    rows = {
        _("Half of the examples are no longer than"): tokens.p50,
        _("95 in 100 are no longer than"): tokens.p95,
        _("The longest example"): tokens.max,
        _("All examples"): tokens.total,
        _("Of these in the answers, which are learned"): tokens.assistant,
    }
    left.table({_("Tokens"): {name: f"{count:,.0f}" for name, count in rows.items()}})
    right.bar_chart(
        {
            _("Tokens in an example"): [part.low for part in result.distribution],
            _("Examples"): [part.examples for part in result.distribution],
        },
        x=_("Tokens in an example"),
        y=_("Examples"),
        height=230,
        alt=_("How many examples have how many tokens; most lie near {p50:,.0f}.").format(p50=tokens.p50),
    )


def _say_encoding(result: Audit, *, named: bool) -> str:
    if not named:
        return _("No model is named, so they are counted as OpenAI's newer models cut them ({encoding}).")
    if result.encoding_is_exact:
        return _("They are counted exactly as this model cuts them ({encoding}).")
    return _("How this model cuts them is not known here; {encoding} gives an estimate.")


def show_finding(finding: Finding) -> None:
    """Show one finding: how grave, where, what it means, how to mend it."""
    colour, icon, words = SEVERITIES[finding.severity]
    part = f" :gray-badge[{_('Test part')}]" if finding.part == "test" else ""
    more = finding.count - len(finding.lines)
    lines = ", ".join(f"{line:,}" for line in finding.lines) + (_(" and {n:,} more").format(n=more) if more else "")
    with st.container(border=True):
        st.markdown(f":{colour}-badge[:material/{icon}: {words}]{part} **{show.plain(finding.text)}**")
        if finding.lines:
            st.markdown(plural("Line {{lines}}", "Lines {{lines}}", finding.count).format(lines=lines))
        st.markdown(f"{finding.means}  \n**{_('Mend')}:** {finding.mend}")


def show_findings(result: Audit) -> None:
    """Show all findings, gravest first, and offer them as files."""
    st.subheader(_("Findings"), anchor=False)
    if not result.findings:
        st.success(_("Nothing was found that should be mended."), icon=":material/check_circle:")
    for finding in result.findings:
        show_finding(finding)
    with st.container(horizontal=True):
        st.download_button(
            _("Findings as JSON"),
            lambda: result.model_dump_json(indent=2),
            file_name="findings.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            _("Findings as a table (CSV)"),
            lambda: render_findings(result),
            file_name="findings.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def show_rows(examples: Sequence[Example]) -> None:
    """Show a few examples as they were read."""
    rows = {
        _("Question"): ["\n".join(message.content for message in example.question)[:500] for example in examples],
        _("Answer"): [example.answer[:500] for example in examples],
    }
    with st.expander(_("The first examples, as they were read"), icon=":material/table_rows:"):
        st.dataframe(rows, hide_index=True, alt=_("The first examples: question and answer"))
