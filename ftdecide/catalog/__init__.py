"""What can be tuned where, at what price and until when: strict models over `data/providers/*.yml`."""

from ftdecide.catalog.availability import Availability, availability
from ftdecide.catalog.listing import list_tunable
from ftdecide.catalog.load import load_catalog
from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.catalog.types import Catalog, Provider, TunableModel

__all__ = [
    "Availability",
    "Catalog",
    "Provider",
    "TunableModel",
    "availability",
    "find_model",
    "find_provider",
    "list_tunable",
    "load_catalog",
]
