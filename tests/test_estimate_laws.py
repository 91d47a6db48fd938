from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftdecide.catalog.load import load_catalog
from ftdecide.costs.charges import EXACT, Input
from ftdecide.costs.distribution import draw, middle
from ftdecide.costs.estimate import OptionCost, estimate
from ftdecide.costs.months import add_months, make_months, share
from ftdecide.costs.plan import make_plan
from ftdecide.costs.scenario import Option, Range, Scenario, ScenarioTraffic
from ftdecide.costs.swings import sensitivity
from ftdecide.costs.tally import tally
from ftdecide.costs.types import Spread
from ftdecide.costs.uncertainty import simulate

CATALOG = load_catalog()
DAY = date(2026, 11, 22)
DRAWS = 2000
WHOLE = st.integers(0, 10**6).map(Decimal)
CENTS = st.integers(0, 10**6).map(lambda cents: Decimal(cents) / 100)
SOLD = [
    {"provider": "openai", "model": "gpt-6-luna"},
    {"provider": "openai", "model": "gpt-4.1-mini"},
    {"provider": "openai", "model": "gpt-4.1-mini", "fine_tuned": True},
    {"provider": "azure", "model": "gpt-4.1-mini", "fine_tuned": True},
    {"provider": "bedrock", "model": "nova-micro", "fine_tuned": True},
    {"provider": "together", "model": "Qwen/Qwen3.5-9B", "fine_tuned": True},
    {"provider": "self_hosted", "hosting": {"gpu": "L40S", "requests_per_second_capacity": 3}},
]


def ranges(numbers: st.SearchStrategy[Decimal]) -> st.SearchStrategy[Range]:
    return st.tuples(numbers, numbers).map(lambda ends: Range(low=min(ends), high=max(ends)))


def options(amounts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    training = st.fixed_dictionaries(
        {"tokens_per_epoch": amounts, "epochs": st.integers(1, 5), "runs": st.integers(1, 4)},
        optional={"validation_tokens": amounts, "hours": amounts},
    )
    effort = st.fixed_dictionaries(
        {"hours": amounts, "usd_per_hour": amounts}, optional={"upkeep_hours_per_month": amounts}
    )
    more = st.fixed_dictionaries(
        {"prompt_tokens": amounts, "cached_share": st.sampled_from([0, 0.25, 1]), "effort": effort},
        optional={"batch_share": st.sampled_from([0, 0.5, 1]), "training": training},
    )
    return st.builds(lambda sold, extra: {**sold, **extra}, st.sampled_from(SOLD), more)


def traffics(amounts: st.SearchStrategy[Any], growth: st.SearchStrategy[Any]) -> st.SearchStrategy[ScenarioTraffic]:
    return st.builds(
        ScenarioTraffic,
        requests_per_month=amounts,
        monthly_growth=growth,
        input_tokens=amounts,
        output_tokens=amounts,
    )


def cost(option: dict[str, Any], traffic: ScenarioTraffic, months: int = 12, draws: int = DRAWS) -> OptionCost:
    asked = Scenario(traffic=traffic, horizon_months=months, options=(Option(name="a", **option),))
    return estimate(asked, DAY, CATALOG, draws=draws).options[0]


@settings(max_examples=60, deadline=None)
@given(options(WHOLE), traffics(WHOLE, st.sampled_from([Decimal(0), Decimal("0.05")])), st.integers(1, 36))
def test_without_ranges_the_lines_add_up_to_the_total_exactly(
    option: dict[str, Any], traffic: ScenarioTraffic, months: int
) -> None:
    found = cost(option, traffic, months)
    with localcontext(EXACT):
        assert sum((line.usd for line in found.lines), Decimal(0)) == found.total_usd.p50
        assert sum((month.usd.p50 for month in found.months), found.one_off_usd.p50) == found.total_usd.p50
        assert found.months[-1].cumulative_usd == found.total_usd.p50
        assert all(line.quantity * line.unit_price_usd == line.usd for line in found.lines)
    for spread in (found.one_off_usd, found.monthly_usd, found.total_usd, *(month.usd for month in found.months)):
        assert spread.p10 == spread.p50 == spread.p90


@settings(max_examples=40, deadline=None)
@given(options(WHOLE), traffics(WHOLE, st.just(Decimal(0))), st.integers(1, 36))
def test_where_nothing_grows_or_ends_the_start_and_equal_months_are_the_total(
    option: dict[str, Any], traffic: ScenarioTraffic, months: int
) -> None:
    found = cost(option, traffic, months)
    if found.ends_on is None:
        assert found.one_off_usd.p50 + months * found.monthly_usd.p50 == found.total_usd.p50


MORE_OF = ["requests_per_month", "input_tokens", "output_tokens", "monthly_growth"]


@settings(max_examples=80, deadline=None)
@given(
    options(WHOLE),
    traffics(WHOLE, st.sampled_from([Decimal(0), Decimal("0.05")])),
    st.sampled_from(MORE_OF),
    st.integers(1, 10**6),
)
def test_more_requests_longer_ones_or_more_growth_never_cost_less(
    option: dict[str, Any], traffic: ScenarioTraffic, field: str, more: int
) -> None:
    step = Decimal(more) / 10**7 if field == "monthly_growth" else Decimal(more)
    larger = traffic.model_copy(update={field: getattr(traffic, field) + step})
    assert cost(option, traffic).total_usd.p50 <= cost(option, larger).total_usd.p50


@settings(max_examples=60, deadline=None)
@given(
    traffics(WHOLE, st.just(Decimal(0))),
    st.sampled_from(["input", "cached_input", "output", "training"]),
    CENTS,
    CENTS,
)
def test_a_higher_price_never_costs_less(traffic: ScenarioTraffic, way: str, low: Decimal, more: Decimal) -> None:
    option = {
        **SOLD[2],
        "prompt_tokens": 100,
        "cached_share": 0.5,
        "training": {"tokens_per_epoch": 10**6, "epochs": 2},
    }
    cheap = cost({**option, "prices_usd_per_mtok": {way: low}}, traffic)
    dear = cost({**option, "prices_usd_per_mtok": {way: low + more}}, traffic)
    assert cheap.total_usd.p50 <= dear.total_usd.p50


@settings(max_examples=40, deadline=None)
@given(options(WHOLE | ranges(WHOLE)), traffics(WHOLE | ranges(WHOLE), st.just(Decimal(0))))
def test_the_ends_of_every_spread_are_in_order(option: dict[str, Any], traffic: ScenarioTraffic) -> None:
    found = cost(option, traffic, 3)
    spreads = [found.one_off_usd, found.monthly_usd, found.total_usd, *(month.usd for month in found.months)]
    for spread in spreads + ([found.cost_per_1000_requests_usd] if found.cost_per_1000_requests_usd else []):
        assert spread.p10 <= spread.p50 <= spread.p90
        assert spread.p10 >= 0
    assert all(a.cumulative_usd <= b.cumulative_usd for a, b in zip(found.months, found.months[1:], strict=False))


@settings(max_examples=20, deadline=None)
@given(options(WHOLE | ranges(WHOLE)), traffics(WHOLE | ranges(WHOLE), st.just(Decimal("0.01"))))
def test_equal_options_cost_the_same_in_every_draw(option: dict[str, Any], traffic: ScenarioTraffic) -> None:
    twins = tuple(Option(name=name, **option) for name in "ab")
    asked = Scenario(traffic=traffic, horizon_months=3, options=twins)
    first, second = (simulate(make_plan(asked, twin, DAY, CATALOG), DRAWS) for twin in twins)
    assert np.array_equal(first.total_usd, second.total_usd)
    found = estimate(asked, DAY, CATALOG, draws=DRAWS)
    assert found.options[0].total_usd == found.options[1].total_usd


@settings(max_examples=30, deadline=None)
@given(options(WHOLE), traffics(WHOLE, st.sampled_from([Decimal(0), Decimal("0.02")])))
def test_drawing_numbers_without_a_range_gives_the_exact_result(
    option: dict[str, Any], traffic: ScenarioTraffic
) -> None:
    asked = Scenario(traffic=traffic, options=(Option(name="a", **option),))
    plan = make_plan(asked, asked.options[0], DAY, CATALOG)
    exact = tally(plan).total_usd
    assert simulate(plan, 3).total_usd == pytest.approx([float(exact)] * 3, rel=1e-6, abs=1e-4)


@given(ranges(CENTS.filter(bool)))
def test_a_tenth_of_the_draws_lies_outside_a_range_half_on_each_side(given_range: Range) -> None:
    if given_range.low < given_range.high:
        drawn = draw(Input(given_range, "anything"), DRAWS)
        assert np.mean(drawn < float(given_range.low)) == pytest.approx(0.05, abs=0.001)
        assert np.mean(drawn > float(given_range.high)) == pytest.approx(0.05, abs=0.001)
        assert np.median(drawn) == pytest.approx(float(middle(given_range)), rel=0.01)


def test_a_range_from_nothing_keeps_its_ends_and_never_goes_below() -> None:
    drawn = np.asarray(draw(Input(Range(low=Decimal(0), high=Decimal(100)), "anything"), DRAWS))
    assert drawn.min() == 0
    assert np.mean(drawn == 0) == pytest.approx(0.05, abs=0.002)
    assert np.mean(drawn > 100) == pytest.approx(0.05, abs=0.001)


@given(st.tuples(CENTS, CENTS, CENTS).map(sorted).filter(lambda points: points[0] > 0 and points[0] < points[2]))
def test_an_estimate_of_ours_is_drawn_around_its_own_middle_with_a_tenth_beyond_each_end(points: list[Decimal]) -> None:
    low, mid, high = points
    drawn = np.asarray(draw(Input(Spread(p10=low, p50=mid, p90=high), "anything", given=False), DRAWS))
    assert np.percentile(drawn, [10, 50, 90]) == pytest.approx([float(point) for point in points], rel=0.01)
    assert middle(Spread(p10=low, p50=mid, p90=high)) == mid


def test_inputs_of_different_names_are_drawn_apart() -> None:
    wide = Range(low=Decimal(1), high=Decimal(9))
    first, second = (np.asarray(draw(Input(wide, name), 20_000)) for name in ("effort.hours", "prompt_tokens"))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03


def breakeven(mine: dict[str, Any], theirs: dict[str, Any], growth: str = "0", months: int = 12) -> Any:
    asked = Scenario(
        traffic=ScenarioTraffic(
            requests_per_month=Decimal(1000), monthly_growth=Decimal(growth), input_tokens=300, output_tokens=100
        ),
        horizon_months=months,
        options=(Option(name="mine", **mine), Option(name="theirs", **theirs)),
    )
    return asked, estimate(asked, DAY, CATALOG, draws=100).breakeven


def totals(asked: Scenario, requests: Decimal) -> tuple[Decimal, Decimal]:
    traffic = asked.traffic.model_copy(update={"requests_per_month": requests})
    found = estimate(asked.model_copy(update={"traffic": traffic}), DAY, CATALOG, draws=100)
    return found.options[0].total_usd.p50, found.options[1].total_usd.p50


PRICES = st.tuples(CENTS, CENTS, st.integers(0, 10**5))


@settings(max_examples=60, deadline=None)
@given(PRICES, PRICES, st.sampled_from(["0", "0.05"]))
def test_break_even_is_where_the_lines_cross(one: Any, other: Any, growth: str) -> None:
    def option(numbers: tuple[Decimal, Decimal, int]) -> dict[str, Any]:
        price, fixed, hours = numbers
        effort = {"hours": Decimal(hours), "usd_per_hour": fixed}
        return {"prices_usd_per_mtok": {"input": price, "output": price}, "effort": effort}

    asked, (forth, back) = breakeven(option(one), option(other), growth)
    assert forth.requests_per_month == back.requests_per_month
    fixed, slope = (one[1] * one[2] - other[1] * other[2], one[0] - other[0])
    if fixed * slope >= 0:
        assert forth.requests_per_month is None
        assert "at every volume" in forth.text
        return
    mine, theirs = totals(asked, forth.requests_per_month)
    # Quantities are rounded to so many places that a cent is told to a billionth.
    assert mine == pytest.approx(theirs, rel=Decimal("1e-9"), abs=Decimal("1e-9"))
    below = totals(asked, forth.requests_per_month / 2)
    assert ("from" in forth.text) == (below[0] > below[1])
    assert ("from" in back.text) == (below[1] > below[0])


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 400),
    st.integers(0, 4000),
    st.sampled_from(["0", "0.05"]),
    st.integers(1, 4),
)
def test_break_even_with_whole_machines_is_the_first_volume_where_the_order_changes(
    capacity: int, cents: int, hours: int, growth: str, count: int
) -> None:
    machine = {"usd_per_hour": Decimal(1), "requests_per_second_capacity": Decimal(capacity) / 10, "count": count}
    own = {"provider": "self_hosted", "hosting": machine, "effort": {"hours": hours, "usd_per_hour": 1}}
    sold = {"prices_usd_per_mtok": {"input": Decimal(cents) / 100, "output": Decimal(cents) / 100}}
    asked, (forth, _back) = breakeven(own, sold, growth, months=3)
    found = forth.requests_per_month
    end = Decimal(10) ** 8 if found is None else found
    for part in ("0.01", "0.3", "0.7", "0.999"):
        mine, theirs = totals(asked, end * Decimal(part))
        assert mine > theirs or (found is None and "mine is cheaper" in forth.text)
    machines = 0 if found is None else found * 4 / (730 * 3600) / (Decimal(capacity) / 10)
    if found is not None and machines < 150:
        after, before = totals(asked, found * Decimal("1.000001")), totals(asked, found * Decimal("0.999999"))
        assert (before[0] - before[1]) * (after[0] - after[1]) <= 0


def test_break_even_beyond_hundreds_of_machines_is_right_to_half_a_percent() -> None:
    machine = {"usd_per_hour": Decimal(1), "requests_per_second_capacity": 1}
    effort = {"hours": 10**6, "usd_per_hour": 1}
    each = Decimal(4) / 3600 * Decimal("1.5")  # one and a half times what a machine hour costs for a request
    sold = {"prices_usd_per_mtok": {"input": each / 400 * 10**6, "output": each / 400 * 10**6}}
    asked, (forth, _back) = breakeven({"provider": "self_hosted", "hosting": machine, "effort": effort}, sold, months=1)
    assert forth.requests_per_month > 200 * 730 * 900
    mine, theirs = totals(asked, forth.requests_per_month)
    assert mine == pytest.approx(theirs, rel=Decimal("0.005"))
    assert float(forth.requests_per_month) == pytest.approx(10**6 / float(each / 3), rel=0.005)


@given(st.integers(1, 10**8), st.integers(1, 50), st.integers(1, 9))
def test_whole_machines_are_drawn_as_they_are_counted(requests: int, capacity: int, count: int) -> None:
    machine = {"usd_per_hour": Decimal(1), "requests_per_second_capacity": Decimal(capacity) / 10, "count": count}
    option = Option(name="a", provider="self_hosted", hosting=machine)
    traffic = ScenarioTraffic(requests_per_month=Decimal(requests), input_tokens=1, output_tokens=1)
    plan = make_plan(Scenario(traffic=traffic, horizon_months=2, options=(option,)), option, DAY, CATALOG)
    assert simulate(plan, 2).total_usd == pytest.approx([float(tally(plan).total_usd)] * 2)


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.integers(1, 60), st.integers(0, 1500), st.integers(0, 200))
def test_an_earlier_end_never_serves_longer_and_months_leave_no_day_out(
    start: date, horizon: int, days: int, earlier: int
) -> None:
    ends_on = start + timedelta(days=days)
    months = make_months(start, horizon, ends_on, None)
    assert sum(month.days for month in months) == (add_months(start, horizon) - start).days
    assert sum(month.served_days for month in months) == min(days, (add_months(start, horizon) - start).days)
    sooner = make_months(start, horizon, ends_on - timedelta(days=earlier), None)
    assert all(a.served_days >= b.served_days >= b.job_days for a, b in zip(months, sooner, strict=True))


@given(CENTS, st.integers(0, 31))
def test_a_part_of_a_month_and_its_rest_are_the_month(amount: Decimal, days: int) -> None:
    part = share(amount, days, 31)
    assert 0 <= part <= amount
    assert abs(part - amount * days / 31) <= Decimal("0.000001")
    assert share(amount, 31, 31) == amount


@settings(max_examples=20, deadline=None)
@given(options(WHOLE | ranges(WHOLE)), traffics(WHOLE | ranges(WHOLE), st.just(Decimal(0))))
def test_each_swing_contains_the_middle_and_the_largest_comes_first(
    option: dict[str, Any], traffic: ScenarioTraffic
) -> None:
    asked = Scenario(traffic=traffic, horizon_months=3, options=(Option(name="a", **option),))
    swings = sensitivity(asked, "a", DAY, CATALOG)
    center = tally(make_plan(asked, asked.options[0], DAY, CATALOG)).total_usd
    widths = [abs(swing.high_usd - swing.low_usd) for swing in swings]
    assert widths == sorted(widths, reverse=True)
    for swing in swings:
        low, high = sorted((swing.low_usd, swing.high_usd))
        assert low <= center <= high
        assert swing.low < swing.high


def test_where_machines_come_whole_no_price_of_more_requests_is_told() -> None:
    machine = {"usd_per_hour": Decimal(1), "requests_per_second_capacity": Decimal(10), "count": 1}
    own = {"provider": "self_hosted", "hosting": machine, "effort": {"hours": 1000, "usd_per_hour": 100}}
    sold = {"prices_usd_per_mtok": {"input": Decimal("1e-9"), "output": Decimal("1e-9")}}
    _asked, (forth, back) = breakeven(own, sold)
    for found in (forth, back):
        assert found.requests_per_month is None
        assert "Machines come whole" in found.text
        assert "1,000 requests" not in found.text
