"""Where a running local engine can be reached."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from ftdecide.settings import Settings

# Held by a running engine, in the folder of its home.
SERVING_LOCK = "serving.lock"


class Endpoint(BaseModel):
    """Address, secret and process number of a running engine."""

    model_config = ConfigDict(frozen=True)

    base_url: str
    token: str
    pid: int

    @property
    def port(self) -> int:
        """Port of the address."""
        return urlsplit(self.base_url).port or 0


def endpoint_file(settings: Settings) -> Path:
    """File in which a running engine says where it is; only its owner may read it."""
    return settings.home / "local" / "engine.json"
