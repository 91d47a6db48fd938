"""Fixtures that every test may use: settings with a home of its own, and one local engine a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ftdecide.local.launch import ensure_running, stop
from ftdecide.settings import Settings, load_settings
from ftdecide.store.database import Store, open_store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder that belongs to this test alone."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(home: Path) -> Settings:
    """Settings as a fresh installation has them, under this test's home; nothing from the real environment."""
    return load_settings({"FTDECIDE_HOME": str(home), "FTDECIDE_WORKER": "external"})


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store of an app that a test opens: its home is this test's, and it has no worker."""
    import streamlit

    monkeypatch.setenv("FTDECIDE_HOME", str(home))
    monkeypatch.setenv("FTDECIDE_WORKER", "external")
    streamlit.cache_resource.clear()
    return open_store(load_settings())


@pytest.fixture(scope="session")
def engine_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of one home whose local engine runs; shared, because converting the model takes 15 seconds."""
    folder = tmp_path_factory.mktemp("engine-home")
    shared = load_settings({"FTDECIDE_HOME": str(folder), "FTDECIDE_WORKER": "external"})
    ensure_running(shared)
    yield shared
    stop(shared)
