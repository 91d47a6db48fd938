"""Whether this key may still tune a model: asked before a run, because offers end, for new customers first."""

import os
from collections.abc import Mapping
from datetime import date
from typing import Literal

from ftdecide.catalog import load_catalog
from ftdecide.catalog.availability import availability
from ftdecide.errors import NotFoundError, ProviderError
from ftdecide.providers.access import open_access
from ftdecide.providers.base import MissingKeyError, PassingError
from ftdecide.providers.connections import LOCAL, find_connection
from ftdecide.providers.frozen import Frozen
from ftdecide.settings import Settings
from ftdecide.translation import _


class TrainingAccess(Frozen):
    """Whether a model may be tuned; `allowed` is None where nobody could say, and `origin` tells who said it.

    `served` says whether this program can ask the tuned model afterwards.
    """

    allowed: bool | None
    reason: str
    origin: Literal["asked", "dates", "unknown"]
    served: bool = True


def can_train(  # noqa: PLR0913 - what a plan names of its provider, and the two things outside it
    settings: Settings,
    provider_id: str,
    model: str,
    base_url: str | None = None,
    *,
    day: date,
    environ: Mapping[str, str] = os.environ,
) -> TrainingAccess:
    """Say whether a model may be tuned: by the dates of the catalogue first, then by asking the provider.

    The provider is asked for a job on a file that does not exist: one request, nothing is trained, nothing charged.
    A provider that cannot be asked from here (no key, no answer) leaves the question open.

    Raises:
        NotFoundError, InputError: as `find_connection`.
    """
    connection = find_connection(provider_id, base_url)
    served = connection.serves_tuned != "elsewhere"
    if provider_id == LOCAL:
        return TrainingAccess(allowed=True, reason=_("this machine may always tune"), origin="dates")
    closed = _closed_by_date(provider_id, model, day)
    if closed is not None:
        return TrainingAccess(allowed=False, reason=closed, origin="dates", served=served)
    from ftdecide.providers.openai import OpenAIProvider

    try:
        OpenAIProvider(open_access(settings, connection, base_url, environ)).try_training(model)
    except (MissingKeyError, PassingError) as error:
        return TrainingAccess(allowed=None, reason=str(error), origin="unknown", served=served)
    except ProviderError as error:
        return TrainingAccess(allowed=False, reason=str(error), origin="asked", served=served)
    reason = _("{provider} would take a training job of {model!r}").format(provider=connection.title, model=model)
    return TrainingAccess(allowed=True, reason=reason, origin="asked", served=served)


def _closed_by_date(provider_id: str, model: str, day: date) -> str | None:
    try:
        found = availability(load_catalog(), provider_id, model, day)
    except NotFoundError:
        # The catalogue knows neither every provider nor every model; then the provider's word counts.
        return None
    return found.text if found.state == "closed" else None
