"""Writing small documents so that a stop in between leaves the old or the new one, never half of one."""

import os
import tempfile
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

Model = TypeVar("Model", bound=BaseModel)


class Dated(BaseModel):
    """A document that lies in a folder named by its `id`; `created_at` in whole seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    id: str
    created_at: int


DatedModel = TypeVar("DatedModel", bound=Dated)


def write_document(path: Path, document: BaseModel) -> None:
    """Replace the JSON file at `path` by `document`, readable by its owner alone."""
    write_bytes(path, document.model_dump_json(indent=1).encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Replace the file at `path` by `content`, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load_document(path: Path, model: type[Model]) -> Model | None:
    """Read what `write_document` wrote; None when there is no such file."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    return model.model_validate_json(raw)


def newest_first(folder: Path, pattern: str, model: type[DatedModel]) -> list[DatedModel]:
    """Read the documents below `folder` whose paths match `pattern`, the newest first."""
    found = [load_document(path, model) for path in folder.glob(pattern)]
    return sorted((one for one in found if one), key=lambda one: (one.created_at, one.id), reverse=True)
