"""Which files are audited: a sample, or uploads that stay with this tab until it is closed."""

import hashlib
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import streamlit as st

from ftdecide.dataset.samples import Sample, list_samples, load_sample
from ftdecide.dataset.source import Source
from ftdecide.translation import _
from pages.parts import show, state

SAMPLE, OWN = "sample", "own"
FORMATS = ["jsonl", "ndjson", "csv", "tsv"]
MOST_MEGABYTES = 1024
_WORDS = {SAMPLE: _("A sample"), OWN: _("Your own files")}
_KINDS = {"train": _("Training part"), "test": _("Test part (optional)")}


class File(NamedTuple):
    """A file to audit: a path or an upload in memory, its name (shown, never used as a path), its bytes, what it holds.

    `digest` stands for the content; two files with the same one are the same.
    """

    source: Source
    name: str
    size: int
    digest: str

    def rewound(self) -> Source:
        """The source, to be read from its start."""
        if not isinstance(self.source, str | Path):
            self.source.seek(0)
        return self.source


class Files(NamedTuple):
    """What a person chose: a training part, perhaps a test part, and the sample's name where it is one."""

    train: File
    test: File | None
    sample: str = ""


def choose_files() -> Files | None:
    """Let a person choose a sample or files of their own; None while nothing is chosen."""
    if state.widget_value("data_source") is None:
        state.remember("data_source", SAMPLE)
    kind = st.segmented_control(
        _("What to check"),
        [SAMPLE, OWN],
        format_func=_WORDS.__getitem__,
        required=True,
        key="data_source",
        persist_state="session",
    )
    if kind == SAMPLE:
        return _choose_sample()
    left, right = st.columns(2)
    with left:
        train = _choose_upload("train")
    with right:
        test = _choose_upload("test")
    st.caption(
        _(
            "JSON Lines or CSV, UTF-8 text. The test part is what you keep aside for measuring; with it, examples that "
            "stand in both are found. Files stay in this tab's memory and are sent nowhere; only what was found "
            "is kept, never the texts."
        )
    )
    return Files(train, test) if train else None


def _choose_sample() -> Files:
    samples = {sample.name: sample for sample in list_samples()}
    name = st.selectbox(
        _("Sample"),
        list(samples),
        format_func=lambda key: samples[key].title,
        key="data_sample",
        persist_state="session",
    )
    show_sample(samples[name])
    train, test = _sample_files(name)
    return Files(train, test, name)


def show_sample(sample: Sample) -> None:
    """Say what a sample is."""
    st.markdown(f":violet-badge[:material/labs: {_('Demonstration data')}] {sample.summary} {sample.note}")


@st.cache_resource(max_entries=32, show_spinner=False)
def _sample_files(name: str) -> tuple[File, File]:
    sample = load_sample(name)
    train, test = (
        File(path, path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in (sample.train_path, sample.test_path)
    )
    return train, test


def _choose_upload(part: str) -> File | None:
    """Show the box for one part; a file stays chosen when a person visits another page and comes back."""
    key = f"data_{part}"
    file = st.file_uploader(
        _KINDS[part],
        type=FORMATS,
        max_upload_size=MOST_MEGABYTES,
        key=key,
        on_change=state.remember,
        args=(f"{key}_kept", None),
    )
    kept: tuple[str, File] | None = state.recall(f"{key}_kept")
    if file is None:
        if kept is None:
            return None
        _show_kept(key, kept[1])
        return File(*kept[1])
    if kept is None or kept[0] != file.file_id:
        with st.spinner(_("Reading the file …")):
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        kept = (file.file_id, File(cast("BinaryIO", file), file.name, file.size, digest))
        state.remember(f"{key}_kept", kept)
    return File(*kept[1])


def _show_kept(key: str, file: File) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/description: **{show.plain(file.name)}** {_('is still here from before.')}")
        st.button(
            _("Put it away"),
            key=f"{key}_forget",
            icon=":material/close:",
            type="tertiary",
            on_click=state.remember,
            args=(f"{key}_kept", None),
        )
