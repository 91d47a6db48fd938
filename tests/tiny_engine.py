"""A running local engine over a tiny random model that reads and writes bytes: starts in seconds, answers at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ftdecide.local.launch import ensure_running, stop
from ftdecide.settings import Settings, load_settings
from tests.tiny_model import write_byte_model

BASE = "bytes"


@contextmanager
def tiny_engine(folder: Path) -> Iterator[Settings]:
    """Run an engine whose home is `folder`/home until the block ends."""
    model = write_byte_model(folder / BASE)
    environment = {"FTDECIDE_HOME": str(folder / "home"), "FTDECIDE_WORKER": "external"}
    settings = load_settings({**environment, "FTDECIDE_LOCAL_MODEL": str(model)})
    ensure_running(settings)
    try:
        yield settings
    finally:
        stop(settings)
