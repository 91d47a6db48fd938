"""How well the throughput of self-hosted models is estimated, source by source: `python benchmarks/serving.py`.

Fits the constants of the roofline without one source of published measurements at a time and scores them on it; the
range is made of the errors on the others, each fitted without both. Prints how well ranges hold, how wide they are, and
whether the constants in `data/serving.yml` are those that all rows give.
"""

import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ftdecide.costs.published_serving import load_of_row
from ftdecide.costs.roofline import Constants, output_rate
from ftdecide.costs.serving import Replica, Requests, capacity
from ftdecide.costs.serving_data import PublishedRate, published_rates, serving_facts

NAMES = tuple(Constants.model_fields)
# The errors are scored beyond 5 and 95 % rather than 10 and 90, as six sources are few.
TAIL = 0.05
# Errors up to this size count by their square, larger ones in proportion.
SMALL_ERROR = 0.2
# How many of its own rows a source is worth in a fit, however many it has.
ROWS_A_SOURCE = 4
STORED_WITHIN = 0.02


@dataclass(frozen=True)
class Row:
    rate: PublishedRate
    current: bool

    def error(self, constants: Constants) -> float:
        """Logarithm of the published rate divided by the estimate."""
        estimate = output_rate(load_of_row(self.rate), constants, serving_facts().bounds)
        return math.log(self.rate.output_tokens_per_second / estimate)


def fit(rows: list[Row]) -> Constants:
    """Fit the constants on engines from 2025 on, every source with the same weight, with the priors of the data."""
    rows = [row for row in rows if row.current]
    sources = [row.rate.source for row in rows]
    weights = np.array([ROWS_A_SOURCE / sources.count(source) for source in sources])
    priors = [getattr(serving_facts().priors, name) for name in NAMES]
    loads = [load_of_row(row.rate) for row in rows]
    measured = np.log([row.rate.output_tokens_per_second for row in rows])

    def loss(values: np.ndarray) -> float:
        constants = to_constants(values)
        errors = measured - np.log([output_rate(load, constants, serving_facts().bounds) for load in loads])
        off = [
            (value - math.log(prior.middle)) / prior.log_deviation for value, prior in zip(values, priors, strict=True)
        ]
        return float((weights * np.sqrt(1 + (errors / SMALL_ERROR) ** 2)).sum() + np.square(off).sum())

    start = np.log([prior.middle for prior in priors])
    return to_constants(minimize(loss, start, method="Nelder-Mead", options={"maxiter": 3000, "xatol": 1e-4}).x)


def to_constants(values: np.ndarray) -> Constants:
    return Constants(**dict(zip(NAMES, map(float, np.exp(values)), strict=True)))


def quantiles(errors: dict[str, list[float]]) -> tuple[float, float, float]:
    """Quantiles of all errors, every source with the same weight."""
    pairs = sorted((error, 1 / len(of_source)) for of_source in errors.values() for error in of_source)
    values, weights = np.array(pairs).T
    places = (np.cumsum(weights) - weights / 2) / weights.sum()
    low, middle, high = np.interp([TAIL, 0.5, 1 - TAIL], places, values)
    return float(low), float(middle), float(high)


def errors_without(rows: list[Row], source: str, left_out: set[str]) -> list[float]:
    """Errors on `source` of constants fitted without the sources that are left out."""
    constants = fit([row for row in rows if row.rate.source not in left_out])
    return [row.error(constants) for row in rows if row.rate.source == source]


def score_sources(rows: list[Row]) -> dict[str, list[float]]:
    """Errors on every source of constants that were fitted without it, printed beside the range from the others."""
    sources = sorted({row.rate.source for row in rows})
    errors = {source: errors_without(rows, source, {source}) for source in sources}
    print("Fitted without the source that is scored; range from the other sources")
    print(f"{'source':18}{'rows':>6}{'published/estimate':>20}{'median error':>14}{'inside p10-p90':>16}{'p90/p10':>9}")
    held: list[float] = []
    for source in sources:
        own = np.array(errors[source])
        others = {name: errors_without(rows, name, {name, source}) for name in sources if name != source}
        low, _middle, high = quantiles(others)
        inside = float(np.mean((own >= low) & (own <= high)))
        held.append(inside)
        off = np.median(np.abs(np.exp(-own) - 1))
        ratio = math.exp(float(np.median(own)))
        print(f"{source:18}{len(own):6}{ratio:20.2f}{off:14.0%}{inside:16.0%}{math.exp(high - low):9.1f}")
    every = np.concatenate([np.array(own) for own in errors.values()])
    median = np.median(np.abs(np.exp(-every) - 1))
    print(f"all rows: median error {median:.0%}; mean of sources inside {np.mean(held):.0%}")
    return errors


def check_stored(rows: list[Row], errors: dict[str, list[float]]) -> None:
    """Compare the stored constants with those of a new fit."""
    stored, fitted = serving_facts().fit, fit(rows)
    spread = [math.exp(value) for value in quantiles(errors)]
    print("constants:", ", ".join(f"{name} {getattr(fitted, name):.4g}" for name in NAMES))
    print("spread: p10 {:.3g}, p50 {:.3g}, p90 {:.3g}".format(*spread))
    pairs = [(getattr(stored.constants, name), getattr(fitted, name)) for name in NAMES]
    pairs += zip((stored.spread.p10, stored.spread.p50, stored.spread.p90), spread, strict=True)
    far = max(abs(math.log(ours / new)) for ours, new in pairs)
    assert far < STORED_WITHIN, f"data/serving.yml is {far:.1%} off; write the figures above into it"


def score_stored(rows: list[Row]) -> None:
    """Print how many published rows lie inside the range that the app shows for them, themselves known."""
    inside: dict[str, list[bool]] = {}
    for row in rows:
        rate = row.rate
        load = load_of_row(rate)
        in_flight = None if rate.requests_in_flight == "queue" else rate.requests_in_flight
        answer = capacity(
            Replica(rate.model, rate.gpu, rate.gpus, rate.precision),
            Requests(load.input_tokens, load.output_tokens, in_flight),
        )
        spread = answer.output_tokens_per_second
        measured = rate.output_tokens_per_second
        inside.setdefault(answer.origin, []).append(float(spread.p10) <= measured <= float(spread.p90))
    for origin, hits in inside.items():
        print(f"shown as {origin}: {len(hits)} published rows, {np.mean(hits):.0%} inside p10-p90")


def main() -> None:
    published = published_rates()
    rows = [Row(rate, published.sources[rate.source].engine_generation == "current") for rate in published.rows]
    errors = score_sources(rows)
    check_stored(rows, errors)
    score_stored(rows)


if __name__ == "__main__":
    main()
