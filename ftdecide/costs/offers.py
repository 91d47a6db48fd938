"""Who sells what an option uses: a provider's model, one's own machine, or nobody but the reader's own prices."""

import difflib
import re
from dataclasses import dataclass
from decimal import Decimal

from ftdecide.catalog.figures import earliest_day
from ftdecide.catalog.lookup import find_model, find_provider
from ftdecide.catalog.rates import Hosting as Machine
from ftdecide.catalog.types import Catalog, Provider, TunableModel
from ftdecide.costs.rates import Sale
from ftdecide.costs.scenario import Hosting, Option
from ftdecide.errors import InputError, NotFoundError

SELF_HOSTED = "self_hosted"
_SELF_HOSTED_NAMES = {SELF_HOSTED, "own_machine", "on_premises"}


@dataclass(frozen=True)
class Offer:
    """What an option buys: `sale` is None without a provider of the catalogue, `self_hosted` means machines alone."""

    catalog: Catalog
    sale: Sale | None
    self_hosted: bool

    @property
    def model_name(self) -> str | None:
        """The model's name for people."""
        return self.sale.model.display.split(" (", maxsplit=1)[0] if self.sale else None

    @property
    def machines_only(self) -> bool:
        """Whether tuned models run there only on dedicated machines, whatever price a token has."""
        adapters = self.sale.provider.serverless_adapters if self.sale else None
        return adapters is not None and adapters.value is False


@dataclass(frozen=True)
class MachinePrice:
    """What a machine costs an hour, which one, and where that was read."""

    gpu: str
    cloud: str
    usd_per_hour: Decimal
    source: str
    as_of: str


def find_offer(catalog: Catalog, option: Option) -> Offer:
    """Find whom an option buys from.

    Raises:
        InputError: the provider, or its model, is not in the catalogue; the message names close matches.
    """
    if option.provider is None:
        return Offer(catalog, None, self_hosted=option.hosting is not None)
    if re.sub(r"[\s-]+", "_", option.provider.strip().lower()) in _SELF_HOSTED_NAMES:
        return Offer(catalog, None, self_hosted=True)
    provider = _provider(catalog, option)
    model = _model(catalog, provider, option)
    return Offer(catalog, Sale(catalog, provider, model, option.tier), self_hosted=provider.status == "self_managed")


def _provider(catalog: Catalog, option: Option) -> Provider:
    name = option.provider or ""
    try:
        return find_provider(catalog, name)
    except NotFoundError as error:
        known = {alias.lower(): provider.id for provider in catalog.providers.values() for alias in _names(provider)}
        known[SELF_HOSTED] = SELF_HOSTED
        close = dict.fromkeys(known[match] for match in difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5))
        hint = f"did you mean {', '.join(map(repr, close))}?" if close else f"known are {', '.join(catalog.providers)}"
        raise InputError(f"option {option.name!r}, provider: {name!r} is not in the catalogue; {hint}") from error


def _names(provider: Provider) -> tuple[str, ...]:
    return (provider.id, provider.name, *provider.aliases)


def _model(catalog: Catalog, provider: Provider, option: Option) -> TunableModel:
    """Return the provider's model; one that cannot be looked up has what the provider says of all its models."""
    if option.model is not None and provider.models:
        try:
            return find_model(catalog, provider.id, option.model)
        except NotFoundError as error:
            if provider.status not in ("closed", "self_managed"):
                raise InputError(f"option {option.name!r}, model: {error}") from error
    name = option.model or provider.name
    bracket = next(iter(provider.brackets)) if len(provider.brackets) == 1 else None
    return TunableModel(id=name, display=name, bracket=bracket, methods_unknown=True)


def find_machine(offer: Offer, hosting: Hosting | None) -> MachinePrice | None:
    """Return the price of the machine that a model runs on, or None where it is neither named nor implied.

    A provider's own machines come first; without a name its cheapest one is taken. Elsewhere the cheapest cloud of the
    price list that fits what is named.

    Raises:
        InputError: no machine of that name is known, or not at that cloud; the message names those that are.
    """
    gpu, cloud = (hosting.gpu, hosting.cloud) if hosting else (None, None)
    own = _newest(tuple(map(_of_provider, offer.sale.provider.hosting))) if offer.sale else ()
    if gpu is None:
        return _cheapest(own) if offer.machines_only else None
    listed = _newest(
        tuple(
            MachinePrice(price.gpu, price.cloud, price.usd_per_gpu_hour, price.source, price.as_of)
            for price in offer.catalog.gpus.gpus
        )
    )
    for prices in (own, listed):
        found = [price for price in prices if same_gpu(gpu, price.gpu) and (not cloud or _within(cloud, price.cloud))]
        if found:
            return _cheapest(tuple(found))
    return _refuse(gpu, cloud, own + listed)


def same_gpu(asked: str, known: str) -> bool:
    """Say whether two names mean the same processor: "H100" is any H100, "A100-80GB" is "A100 80GB"."""
    first, second = _words(asked), _words(known)
    if not all(any(word.endswith("gb") for word in words) for words in (first, second)):
        first, second = ({word for word in words if not word.endswith("gb")} for words in (first, second))
    return first <= second or second <= first


def _words(gpu: str) -> set[str]:
    spaced = re.sub(r"\b(rtx|gtx|nvidia|tesla)[\s_-]*", r"\1 ", gpu.lower())
    return {word for word in re.split(r"[\s_/-]+", spaced) if word not in ("", "nvidia", "tesla", "rtx", "gtx")}


def _within(asked: str, cloud: str) -> bool:
    return set(re.split(r"\W+", asked.lower())) - {""} <= set(re.split(r"\W+", cloud.lower()))


def _of_provider(machine: Machine) -> MachinePrice:
    cloud = machine.cloud or machine.region or ""
    return MachinePrice(machine.gpu, cloud, machine.usd_per_hour, machine.source, machine.as_of)


def _newest(prices: tuple[MachinePrice, ...]) -> tuple[MachinePrice, ...]:
    found: dict[tuple[str, str], MachinePrice] = {}
    for price in prices:
        known = found.get((price.gpu, price.cloud))
        day = earliest_day(price.as_of)
        if known is None or day is None or day >= (earliest_day(known.as_of) or day):
            found[price.gpu, price.cloud] = price
    return tuple(found.values())


def _cheapest(prices: tuple[MachinePrice, ...]) -> MachinePrice | None:
    return min(prices, key=lambda price: price.usd_per_hour, default=None)


def _refuse(gpu: str, cloud: str | None, known: tuple[MachinePrice, ...]) -> None:
    clouds = sorted({price.cloud for price in known if same_gpu(gpu, price.gpu)})
    if clouds:
        raise InputError(f"hosting: {gpu!r} has no price at {cloud!r}; known clouds are {', '.join(clouds)}")
    gpus = sorted({price.gpu for price in known})
    close = difflib.get_close_matches(gpu, gpus, n=3, cutoff=0.4)
    hint = f"did you mean {', '.join(map(repr, close))}?" if close else f"known are {', '.join(gpus)}"
    raise InputError(f"hosting: no price is known for {gpu!r}; {hint} Or give usd_per_hour.")
