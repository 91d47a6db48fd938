"""How many tokens a model takes at once, and where that was read."""

from importlib.metadata import version

from pydantic import BaseModel, ConfigDict

from ftdecide.catalog.types import Catalog, Provider, TunableModel
from ftdecide.costs.compute import models
from ftdecide.costs.types import Origin
from ftdecide.errors import InputError

_PACKAGE = "genai-prices"


class Window(BaseModel):
    """How many tokens a model takes at once, question and answer together, and where that was read."""

    model_config = ConfigDict(frozen=True)

    tokens: int
    origin: Origin
    source: str
    as_of: str


def context_window(catalog: Catalog, found: tuple[Provider, TunableModel] | None, model: str | None) -> Window | None:
    """Return the window of a model: from the price package, the table of open models or the catalogue, else None."""
    name = found[1].id if found else model
    packaged = _packaged_window(found[0].genai_prices_id if found else None, name) if name else None
    if packaged:
        installed = version(_PACKAGE)
        dates = {package.version: package.as_of for package in catalog.packages if package.name == _PACKAGE}
        return Window(
            tokens=packaged,
            origin="quoted",
            source=f"pypi:{_PACKAGE}=={installed}",
            as_of=dates.get(installed, "undated"),
        )
    if name and (opened := _open_model(name)):
        return Window(
            tokens=opened.context_tokens, origin="quoted", source=opened.source, as_of=opened.as_of.isoformat()
        )
    if found and found[1].max_context_tokens:
        source = found[0].limits or next(iter(found[1].windows), None)
        return Window(
            tokens=found[1].max_context_tokens,
            origin="quoted",
            source=source.source if source else f"data/providers/{found[0].id}.yml",
            as_of=source.as_of if source else "undated",
        )
    return None


def _open_model(name: str) -> models.OpenModel | None:
    try:
        return models.find_model(name)
    except InputError:  # not an open model that is listed
        return None


def _packaged_window(provider: str | None, model: str) -> int | None:
    from genai_prices.data_snapshot import get_snapshot

    try:
        return get_snapshot().find_provider_model(model, None, provider, None)[1].context_window
    except LookupError:  # the package does not know this model
        return None
