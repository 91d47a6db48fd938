"""What is measured on: a demonstration data set, files of one's own, or those that were checked before."""

from typing import Any, NamedTuple

import streamlit as st

from ftdecide.dataset.samples import Sample, list_samples
from ftdecide.experiment.file_facts import FileFacts, look_at
from ftdecide.experiment.plan import sample_experiment
from ftdecide.experiment.run import preflight_run
from ftdecide.translation import _
from pages.parts import comparison_upload, state

SAMPLE, OWN, CHECKED = "sample", "own", "checked"
# Its answers are labels, so every kind of arm can take part.
FIRST_SAMPLE = "support_tickets"
_WORDS = {SAMPLE: _("Demonstration data"), OWN: _("Your own files"), CHECKED: _("The data you checked")}
# Room for the longest right answer: JSON has two characters a token or more, and a code fence needs some tokens too.
_CHARACTERS_PER_TOKEN, _LEAST_OUTPUT_TOKENS, _MOST_OUTPUT_TOKENS = 2, 24, 4000


class Data(NamedTuple):
    """The data of a comparison: what a plan says of it, how many rows it has, and what suits it.

    `key` stands for the content in the keys of widgets. `documents` says what questions can be looked up in: a path of
    the plan, "" for the sample's own, None for nothing. `warning` is shown beside it.
    """

    key: str
    plan: dict[str, Any]
    train_rows: int
    test_rows: int
    grader: dict[str, Any]
    labels: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    epochs: int | str = "auto"
    documents: str | None = None
    has_system: bool = False
    sample: bool = False


def choose_data() -> Data | None:
    """Let a person choose the data; None while files are missing."""
    kinds = [SAMPLE, OWN, *([CHECKED] if comparison_upload.was_checked() else [])]
    if state.widget_value("run_source") not in kinds:
        state.remember("run_source", SAMPLE)
    kind = st.segmented_control(
        _("Measure on"), kinds, format_func=_WORDS.__getitem__, required=True, key="run_source", persist_state="session"
    )
    if kind == SAMPLE:
        return _choose_sample()
    if kind == CHECKED and (name := comparison_upload.checked_sample()):
        return _sample(name)
    files = comparison_upload.choose_files() if kind == OWN else comparison_upload.take_checked()
    return _own(files) if files else None


def show_demonstration(sample: Sample) -> None:
    """Say what a sample is, and that it is no one's real data."""
    st.markdown(f":violet-badge[:material/labs: {_('Demonstration data')}] {sample.summary}")


def _choose_sample() -> Data:
    samples = {sample.name: sample for sample in list_samples()}
    names = sorted(samples, key=lambda name: name != FIRST_SAMPLE)
    return _sample(st.selectbox(_("Which one"), names, format_func=lambda key: samples[key].title, key="run_sample"))


def _sample(name: str) -> Data:
    sample = next(each for each in list_samples() if each.name == name)
    show_demonstration(sample)
    train_rows, test_rows = _sizes(name)
    return Data(
        key=name,
        plan={"data": {"sample": name}},
        train_rows=train_rows,
        test_rows=test_rows,
        grader=sample.grader.model_dump(),
        labels=sample.grader.labels,
        fields=sample.grader.fields,
        epochs=sample.epochs,
        documents="" if sample.documents else None,
        sample=True,
    )


def _own(files: comparison_upload.OwnFiles) -> Data:
    train, test = _look(files.train), _look(files.test)
    with st.container(horizontal=True):
        st.caption(
            _("{train} rows to learn from, {test} to measure on.").format(
                train=f"{train.rows:,}", test=f"{test.rows:,}"
            )
        )
    title = st.text_input(_("Name of this comparison"), files.title, max_chars=200, key=f"run_title:{files.train}")
    told = _ask_instructions(files, train)
    longest = max(train.longest_answer, test.longest_answer)
    plan = {
        "title": title.strip() or files.title,
        "data": {"train": files.train, "test": files.test},
        "instructions": told,
        "max_output_tokens": min(_MOST_OUTPUT_TOKENS, max(_LEAST_OUTPUT_TOKENS, -(-longest // _CHARACTERS_PER_TOKEN))),
    }
    grader = files.grader or train.grader
    return Data(
        key=f"{files.train}:{files.test}",
        plan=plan,
        train_rows=train.rows,
        test_rows=test.rows,
        grader=grader.model_dump(mode="json"),
        labels=train.labels,
        fields=train.fields,
        documents=files.documents,
        has_system=train.has_system,
    )


def _ask_instructions(files: comparison_upload.OwnFiles, facts: FileFacts) -> str:
    hint = _("What the model is told before every question. A tuned model is told the same.")
    if facts.has_system:
        hint += " " + _("Empty: each row's own system text from the file.")
    told = st.text_area(
        _("Instructions"),
        key=f"run_told:{files.train}",
        help=hint,
        placeholder=_("For example: Answer with the queue's name only."),
        max_chars=20_000,
    ).strip()
    if not told and not facts.has_system:
        st.warning(
            _("Without instructions the base model can only guess what is wanted, which flatters a tuned one."),
            icon=":material/warning:",
        )
    return told


@st.cache_data(max_entries=16, show_spinner=False)
def _sizes(sample: str) -> tuple[int, int]:
    rows, _preflight = preflight_run(sample_experiment(sample))
    return len(rows.train), len(rows.test)


@st.cache_data(max_entries=32, show_spinner=_("Reading the file …"))
def _look(path: str) -> FileFacts:
    return look_at(state.settings(), path)
