"""Running an audit once for each content and model, and keeping what it found under a link."""

import hashlib
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from ftdecide.dataset.checks import Audit, audit
from ftdecide.dataset.source import Source
from ftdecide.documents import validate
from ftdecide.errors import FtdecideError, NotFoundError
from ftdecide.settings import DATA
from ftdecide.store.audits import keep_audit, load_audit
from ftdecide.translation import _
from pages.parts import state
from pages.parts.audit_source import File, Files
from pages.parts.audit_target import Target

LINK = "audit"
# From this size on a file is read from disk by several processes, so that the pages of others do not wait for it.
_BIG_FILE_BYTES = 32_000_000
_ROOT = DATA.parent


class Kept(NamedTuple):
    """An audit, its name in links, the files' names, and for which provider and model it was made on which day."""

    key: str
    result: Audit
    train: str
    test: str
    sample: str
    provider: str
    model: str
    day: str


def audit_files(files: Files, target: Target) -> Kept:
    """Audit what was chosen, unless that was done before, and put the result's name into the link.

    Raises:
        FtdecideError: a file cannot be read at all.
    """
    key = _name(files, target)
    kept = _recall(key)
    if kept is None:
        kept = _run(key, files, target)
    if st.query_params.get(LINK) != key:
        st.query_params[LINK] = key
    return kept


def linked_audit() -> Kept | None:
    """Return the audit that the link names, if it is kept here."""
    key = st.query_params.get(LINK)
    return _recall(key) if key else None


def restore_choices() -> None:
    """After a refresh, show the choices with which the linked audit was made."""
    if state.widget_value("data_source") is not None:
        return
    kept = linked_audit()
    if kept is None:
        return
    choices = {"data_source": "sample" if kept.sample else "own", "data_provider": kept.provider}
    choices |= {"data_model": kept.model} | ({"data_sample": kept.sample} if kept.sample else {})
    for name, value in choices.items():
        state.remember(name, value)


def _name(files: Files, target: Target) -> str:
    """What stands for the contents, the kind of the files, the target and this version of the checks."""
    parts = [files.train.digest, Path(files.train.name).suffix.lower(), files.test.digest if files.test else ""]
    parts += [Path(files.test.name).suffix.lower() if files.test else "", files.sample]
    parts += [target.provider, target.model.lower(), _checks_digest()]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


@st.cache_resource(show_spinner=False)
def _checks_digest() -> str:
    """What changes with the checks, so that no finding of an older version is shown as this one's."""
    paths = [*(_ROOT / "ftdecide" / "dataset").rglob("*.py"), *DATA.glob("*.yml"), *(DATA / "providers").glob("*.yml")]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sorted(paths))).hexdigest()


def _run(key: str, files: Files, target: Target) -> Kept:
    box = st.empty()
    size = (files.train.size + (files.test.size if files.test else 0)) / 1_000_000
    telling = _("Checking {size:,.1f} MB …").format(size=size)
    with box.container(), st.spinner(telling, show_time=True), _on_disk(files.train) as train:
        bar = st.progress(0.0) if files.train.size >= _BIG_FILE_BYTES else None
        test = files.test.rewound() if files.test else None
        result = audit(
            train,
            name=files.train.name,
            model=target.model or None,
            provider=target.provider or None,
            test_path=test,
            test_name=files.test.name if files.test else "",
            on_progress=bar.progress if bar else None,
        )
    box.empty()
    kept = Kept(
        key,
        result,
        files.train.name,
        files.test.name if files.test else "",
        files.sample,
        target.provider,
        target.model,
        state.today().isoformat(),
    )
    keep_audit(_folder(), key, {**kept._asdict(), "result": result.model_dump(mode="json")})
    return kept


@contextmanager
def _on_disk(file: File) -> Generator[Source]:
    """The source; a big upload stands in a file that is gone afterwards."""
    source = file.rewound()
    if isinstance(source, str | Path) or file.size < _BIG_FILE_BYTES:
        yield source
        return
    with tempfile.NamedTemporaryFile(prefix="ftdecide-", suffix=Path(file.name).suffix) as copy:
        shutil.copyfileobj(source, copy, 1 << 22)
        copy.flush()
        yield Path(copy.name)


def _recall(key: str) -> Kept | None:
    try:
        return _load(str(_folder()), key)
    except NotFoundError:
        return None


@st.cache_resource(max_entries=64, show_spinner=False)
def _load(folder: str, key: str) -> Kept:
    document: dict[str, Any] = load_audit(Path(folder), key)
    try:
        result = validate(Audit, document["result"], LINK)
        return Kept(**{**document, "key": key, "result": result})
    except (FtdecideError, KeyError, TypeError) as error:
        raise NotFoundError(f"the audit {key!r} was kept by another version; choose the file again") from error


def _folder() -> Path:
    return state.settings().files / "audits"
