"""Files that clients uploaded, one folder each under `<home>/local/files/`."""

import re
import secrets
import shutil
import time
from pathlib import Path

from ftdecide.errors import NotFoundError
from ftdecide.local.disk import Dated, load_document, newest_first, write_bytes, write_document

_ID = re.compile(r"file-[A-Za-z0-9]+")


class Upload(Dated):
    """An uploaded file as clients see it; `bytes` is its size."""

    bytes: int
    filename: str
    purpose: str
    object: str = "file"
    status: str = "processed"


def add_upload(folder: Path, filename: str, purpose: str, content: bytes) -> Upload:
    """Keep `content` under a new id."""
    upload = Upload(
        id=f"file-{secrets.token_hex(12)}",
        bytes=len(content),
        created_at=int(time.time()),
        filename=filename,
        purpose=purpose,
    )
    write_bytes(folder / upload.id / "content", content)
    write_document(folder / upload.id / "file.json", upload)
    return upload


def list_uploads(folder: Path) -> list[Upload]:
    """Return all uploads, the newest first."""
    return newest_first(folder, "file-*/file.json", Upload)


def find_upload(folder: Path, upload_id: str) -> Upload:
    """Return one upload.

    Raises:
        NotFoundError: nothing has this id.
    """
    # An id comes from outside, and must not lead out of the folder.
    upload = load_document(folder / upload_id / "file.json", Upload) if _ID.fullmatch(upload_id) else None
    if upload is not None:
        return upload
    raise NotFoundError(f"no file has the id {upload_id!r}; upload it first")


def read_upload(folder: Path, upload_id: str) -> bytes:
    """Return the content of one upload.

    Raises:
        NotFoundError: nothing has this id.
    """
    return (folder / find_upload(folder, upload_id).id / "content").read_bytes()


def delete_upload(folder: Path, upload_id: str) -> None:
    """Remove one upload; jobs keep their own copy of what they train on.

    Raises:
        NotFoundError: nothing has this id.
    """
    shutil.rmtree(folder / find_upload(folder, upload_id).id)
