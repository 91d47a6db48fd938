"""Fixtures that every test may use: settings with a home of its own, and one converted local model a session."""

from pathlib import Path

import hypothesis
import pytest

from ftdecide.settings import Settings, load_settings

# A busy machine is no defect: no test may fail for the time it takes.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


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
