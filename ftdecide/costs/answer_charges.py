"""What answers cost by the token: fresh and cached input and output, at the usual and at the batch rate."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ftdecide.costs.charges import Charge, Input, Rate, Step, Terms
from ftdecide.costs.rates import Sale, Steps, Tariff, Way, find_in_tier, find_tariff
from ftdecide.costs.scenario import Option, ScenarioTraffic
from ftdecide.costs.types import Origin, Warning_
from ftdecide.translation import _

MILLIONTH = Input(Decimal("0.000001"))
_ITEMS: dict[tuple[Way, bool], str] = {
    ("input", False): _("Input tokens"),
    ("cached_input", False): _("Cached input tokens"),
    ("output", False): _("Output tokens"),
    ("input", True): _("Input tokens, batch"),
    ("cached_input", True): _("Cached input tokens, batch"),
    ("output", True): _("Output tokens, batch"),
}


@dataclass(frozen=True)
class Answers:
    """Requests that a model answers by the token; `fine_tuned` chooses the rates, `after` says it is the successor."""

    option: Option
    traffic: ScenarioTraffic
    sale: Sale | None
    fine_tuned: bool
    day: date
    after: bool = False


def answer_charges(answers: Answers) -> Iterator[Charge | Warning_]:
    """Yield the charges of all requests, and a warning for each rate that is not known."""
    option, sale = answers.option, answers.sale
    tariff = find_tariff(sale, "ft_inference" if answers.fine_tuned else "base_inference") if sale else None
    shares = ((False, 1 - option.batch_share), (True, option.batch_share))
    for batch, part in shares:
        if part:
            told = _batch_tariff(answers, tariff) if batch else tariff
            for way, terms in _quantities(answers, part):
                yield _charge(answers, way, terms, told, batch=batch)
    if option.batch_share and sale and not _batch_is_known(answers):
        text = _("What {provider} charges for batches is not known: they are counted at the full price.")
        yield Warning_(code="batch_price_unknown", text=text.format(provider=sale.provider.name))


def _quantities(answers: Answers, part: Decimal) -> Iterator[tuple[Way, Terms]]:
    """Yield millions of tokens a request, for a part of the requests."""
    option, traffic = answers.option, answers.traffic
    prompt, own = Input(option.prompt_tokens, "prompt_tokens"), Input(traffic.input_tokens, "traffic.input_tokens")
    output = Input(traffic.output_tokens, "traffic.output_tokens")
    each = (MILLIONTH, Input(part))
    yield "input", ((prompt, Input(1 - option.cached_share), *each), (own, *each))
    if option.cached_share:
        yield "cached_input", ((prompt, Input(option.cached_share), *each),)
    yield "output", ((output, *each),)


def _charge(answers: Answers, way: Way, terms: Terms, tariff: Tariff | None, *, batch: bool) -> Charge | Warning_:
    item = _ITEMS[way, batch]
    if answers.after and answers.sale:
        item = _("{item}, {model}").format(item=item, model=answers.sale.model.display)
    own = _own_price(answers, way)
    origin: Origin = "quoted"
    if own is not None:
        steps: Steps = ((0, own * (1 - _discount(answers)) if batch else own),)
        origin, source, as_of = "assumed", _("your scenario"), answers.day.isoformat()
    elif tariff is not None:
        by_way: dict[Way, Steps] = {"input": tariff.input, "cached_input": tariff.cached_input, "output": tariff.output}
        steps, source, as_of = by_way[way], tariff.source, tariff.as_of
    else:
        name = answers.sale.model.display if answers.sale else answers.option.name
        text = _("{item}: no price is known for {name}; the total leaves them out. Give one of your own.")
        return Warning_(code="price_unknown", text=text.format(item=item, name=name))
    option, traffic = answers.option, answers.traffic
    length: Terms = ((Input(option.prompt_tokens, "prompt_tokens"),), (Input(traffic.input_tokens, _INPUT),))
    return Charge(
        item=item,
        code=f"{way}_tokens" + ("_batch" if batch else ""),
        driver="requests",
        unit=_("million tokens"),
        rate=Rate(tuple(Step(above, Input(usd)) for above, usd in steps), length if len(steps) > 1 else ()),
        terms=terms,
        origin=origin,
        source=source,
        as_of=as_of,
        after=answers.after,
    )


_INPUT = "traffic.input_tokens"


def _own_price(answers: Answers, way: Way) -> Decimal | None:
    """The reader's own rate; it does not hold for the model that comes after."""
    prices = answers.option.prices_usd_per_mtok
    if prices is None or answers.after:
        return None
    cached = prices.cached_input if prices.cached_input is not None or answers.sale else prices.input
    return {"input": prices.input, "cached_input": cached, "output": prices.output}[way]


def _batch_tariff(answers: Answers, usual: Tariff | None) -> Tariff | None:
    """The batch rates: their own entry, else the usual rates less the provider's discount.

    An entry that names no rate for cached tokens, or none for long requests, gets these from the discount as well.
    """
    sale = answers.sale
    kind = "ft_batch" if answers.fine_tuned else "base_batch"
    listed, entry = (find_tariff(sale, kind), find_in_tier(sale, kind)) if sale else (None, None)
    if usual is None:
        return listed
    share = _discount(answers)

    def less(steps: Steps) -> Steps:
        return tuple((above, usd * (1 - share)) for above, usd in steps)

    if listed is not None:
        cached = (
            listed.cached_input if entry and entry.cached_input_usd_per_mtok is not None else less(usual.cached_input)
        )
        longer = _longer(listed.input, less(usual.input)), _longer(listed.output, less(usual.output))
        return replace(listed, input=longer[0], cached_input=cached, output=longer[1])
    discount = sale.provider.batch_discount if sale else None
    source = f"{usual.source}; {discount.source}" if discount and share else usual.source
    return Tariff(less(usual.input), less(usual.cached_input), less(usual.output), source, usual.as_of)


def _longer(listed: Steps, discounted: Steps) -> Steps:
    """Return the discounted rates where they begin with the one that is listed and go on for longer requests."""
    return discounted if len(discounted) > len(listed) and discounted[0] == listed[0] else listed


def _discount(answers: Answers) -> Decimal:
    """The share that batches are cheaper by; a discount of "up to" is not counted on."""
    discount = answers.sale.provider.batch_discount if answers.sale else None
    return Decimal(0) if discount is None or discount.up_to else discount.share


def _batch_is_known(answers: Answers) -> bool:
    sale = answers.sale
    listed = find_tariff(sale, "ft_batch" if answers.fine_tuned else "base_batch") if sale else None
    return listed is not None or _discount(answers) > 0
