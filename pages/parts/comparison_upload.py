"""Files that a person brings along for a comparison: rows to learn from, rows to measure on, documents."""

from pathlib import Path
from typing import NamedTuple

import streamlit as st

from ftdecide.errors import FtdecideError, InputError
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.own_files import Kept, files_folder, keep_documents, keep_rows, set_aside
from ftdecide.translation import _
from pages.parts import state
from pages.parts.audit_source import File

TRAIN_FORMATS = ["jsonl", "ndjson", "csv", "tsv"]
TEST_FORMATS = [*TRAIN_FORMATS, "json", "yaml", "yml"]
DOCUMENT_FORMATS = ["jsonl", "txt", "md"]
_MOST_MEGABYTES = 100
_SEED = 20261122
# Names that say nothing about what is compared.
_BARE_NAMES = ("", "train", "training", "data", "dataset")


class OwnFiles(NamedTuple):
    """What was brought along, as paths of a plan; `grader` is what promptfoo's tests ask for."""

    title: str
    train: str
    test: str
    documents: str | None
    grader: GraderPlan | None


def choose_files() -> OwnFiles | None:
    """Let a person bring files; None while none is there to learn from."""
    left, right = st.columns(2)
    with left:
        train = _upload(_("File to learn from"), "run_file_train", TRAIN_FORMATS)
    with right:
        test = _upload(_("File to measure on (optional)"), "run_file_test", TEST_FORMATS)
    st.caption(
        _(
            "JSON Lines or CSV, as under “Check the data”; the second file may also hold promptfoo tests. A field or "
            "column “group” names what belongs together, such as a customer. Files and rows are kept on the machine "
            "that runs this app; with a remote provider their texts are sent there."
        )
    )
    documents = _upload_documents()
    if train is None:
        return None
    return _divide(train, test, documents)


def was_checked() -> bool:
    """Say whether this tab has a data set on the page “Check the data”."""
    return bool(checked_sample() or _checked_file("train"))


def checked_sample() -> str | None:
    """Return the name of the sample that was checked last, if it was one."""
    source = state.widget_value("data_source")
    return str(state.widget_value("data_sample") or "") or None if source == "sample" else None


def take_checked() -> OwnFiles | None:
    """Take the files that were checked."""
    train, test = _checked_file("train"), _checked_file("test")
    documents = _upload_documents()
    return _divide(train, test, documents) if train else None


def _checked_file(part: str) -> tuple[str, Kept] | None:
    """Return a file of the page “Check the data”, kept as a file of a comparison."""
    held: tuple[str, File] | None = state.recall(f"data_{part}_kept")
    if held is None:
        return None
    known: tuple[str, str, Kept] | None = state.recall(f"run_checked_{part}")
    if known is None or known[0] != held[0]:
        source = File(*held[1]).rewound()
        raw = Path(source).read_bytes() if isinstance(source, str | Path) else source.read()
        known = (held[0], held[1][1], keep_rows(state.settings(), held[1][1], raw))
        state.remember(f"run_checked_{part}", known)
    return known[1], Kept.model_validate(known[2].model_dump())


def _upload(label: str, key: str, formats: list[str]) -> tuple[str, Kept] | None:
    """Show a box for a file; one that was chosen stays while this tab is open."""
    file = st.file_uploader(
        label,
        type=formats,
        key=key,
        max_upload_size=_MOST_MEGABYTES,
        on_change=state.remember,
        args=(f"{key}_held", None),
    )
    held: tuple[str, str, str, object] | None = state.recall(f"{key}_held")
    if file is None:
        if held is None:
            return None
        st.button(
            _("Put {name} away").format(name=held[1]),
            key=f"{key}_forget",
            icon=":material/close:",
            type="tertiary",
            on_click=state.remember,
            args=(f"{key}_held", None),
        )
    elif held is None or held[0] != file.file_id:
        kept = keep_rows(state.settings(), file.name, file.getvalue())
        held = (file.file_id, file.name, kept.path, kept.grader.model_dump(mode="json") if kept.grader else None)
        state.remember(f"{key}_held", held)
    assert held is not None  # noqa: S101 - one of the three ways above has set it
    return held[1], Kept.model_validate({"path": held[2], "grader": held[3]})


def _upload_documents() -> str | None:
    files = st.file_uploader(
        _("Documents to look things up in (optional)"),
        type=DOCUMENT_FORMATS,
        accept_multiple_files=True,
        key="run_file_documents",
        max_upload_size=_MOST_MEGABYTES,
        help=_("Texts (.txt, .md), or one JSON Lines file with id, title and text. They allow options with retrieval."),
    )
    if not files:
        return None
    return keep_documents(state.settings(), [(file.name, file.getvalue()) for file in files])


def _divide(train: tuple[str, Kept], test: tuple[str, Kept] | None, documents: str | None) -> OwnFiles:
    stem = Path(train[0]).stem.replace("_", " ")
    title = _("My comparison") if stem.lower() in _BARE_NAMES else stem
    if test is not None:
        return OwnFiles(title, train[1].path, test[1].path, documents, test[1].grader or train[1].grader)
    percent = st.slider(
        _("Share of the rows set aside for measuring"),
        10,
        60,
        30,
        step=5,
        format="%d %%",
        key=f"run_aside:{train[1].path}",
        help=_(
            "Rows that ask the same, and rows of one group, stay on one side. The same file is always parted alike."
        ),
    )
    first, second = _parts(train[1].path, percent)
    return OwnFiles(title, first, second, documents, train[1].grader)


@st.cache_data(max_entries=32, show_spinner=_("Setting rows aside …"))
def _parts(path: str, percent: int) -> tuple[str, str]:
    return set_aside(state.settings(), path, test_share=percent / 100, seed=_SEED)


def say_plainly(error: FtdecideError) -> FtdecideError:
    """Return the error with a kept file called as its owner calls it."""
    text = str(error)
    folder = str(files_folder(state.settings()))
    if folder not in text:
        return error
    before, _found, after = text.partition(folder)
    parts = after.lstrip("/\\").split("/", 1)
    return InputError(f"{before}{parts[-1]}".replace(folder, ""))
