"""Where things live and which process runs them, read from the environment once and passed on."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ftdecide.errors import InputError

DATA = Path(__file__).resolve().parents[1] / "data"


class Settings(BaseModel):
    """What a deployment may change; every value has a working default.

    `home` holds everything persistent; `worker` says whether the app may start a worker process itself;
    `local_model` is "smollm2-135m-instruct" (shipped in a package), a Hugging Face folder or a hub id.
    """

    model_config = ConfigDict(frozen=True)

    home: Path
    database_url: str
    engine_database_url: str
    worker: Literal["auto", "external"] = "auto"
    local_model: str = "smollm2-135m-instruct"

    @property
    def files(self) -> Path:
        """Folder of uploaded and generated files."""
        return self.home / "files"


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from `environ` and make sure that the home folder exists.

    Raises:
        InputError: a variable has a value that cannot be used, or the home folder cannot be made.
    """
    home = Path(environ.get("FTDECIDE_HOME") or "~/.ftdecide").expanduser().resolve()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InputError(
            f"FTDECIDE_HOME={str(home)!r} cannot be made ({error.strerror}); set it to a folder you may write to"
        ) from error
    worker = environ.get("FTDECIDE_WORKER") or "auto"
    if worker not in ("auto", "external"):
        raise InputError(f"FTDECIDE_WORKER={worker!r} is unknown; use 'auto' or 'external'")
    database_url = environ.get("FTDECIDE_DATABASE_URL") or ""
    return Settings(
        home=home,
        database_url=database_url or f"sqlite:///{home / 'ftdecide.sqlite'}",
        engine_database_url=database_url or f"sqlite:///{home / 'engine.sqlite'}",
        worker=worker,
        local_model=environ.get("FTDECIDE_LOCAL_MODEL") or "smollm2-135m-instruct",
    )
