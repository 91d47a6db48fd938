"""The estimate of training and serving in the editor of an option on own machines, as people use it."""

from decimal import Decimal
from math import log
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ftdecide.costs.compute.spread import Spread
from ftdecide.store import assessments
from ftdecide.store.database import Store
from ftdecide.store.scenarios import find_scenario, save_scenario
from pages.parts.training_estimate import say_time
from tests.app_story import visit

OPTION: dict[str, Any] = {
    "name": "Own",
    "provider": "self_hosted",
    "model": "Qwen/Qwen3-8B",
    "fine_tuned": True,
    "prompt_tokens": 300,
    "training": {"tokens_per_epoch": 2000000, "epochs": 3, "hours": 7},
    "hosting": {"gpu": "L40S", "cloud": "RunPod secure", "count": 1, "hours_per_month": 730},
}


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ((0.0043, 0.027), "15 to 97 seconds"),
        ((0.12, 1.4), "7.2 to 84 minutes"),
        ((1.5, 40.0), "1.5 to 40 hours"),
    ],
)
def test_how_long_a_run_takes_is_told_in_a_unit_that_people_use(hours: tuple[float, float], told: str) -> None:
    low, high = hours
    assert say_time(Spread(low, (low + high) / 2, high)) == told


def edit(store: Store, option: dict[str, Any], *panels: str, requests: int = 400000) -> AppTest:
    owner = assessments.create(store, {"schema_version": 1, "title": "Own"}, title="Own").id
    document = {
        "schema_version": 1,
        "as_of": "2026-11-22",
        "traffic": {"requests_per_month": requests, "input_tokens": 500, "output_tokens": 200},
        "options": [option],
    }
    own = ("as_of", "requests_per_month", "input_tokens", "output_tokens")
    save_scenario(store, owner, document, own=own, expected_version=0)
    app = visit("compare_costs", assessment=owner)
    next(button for button in app.button if button.key and button.key.endswith(":edit:0")).click()
    app.run()
    for panel in panels:
        app.session_state[f"costs:{owner}:options.0:{panel}"] = True
    app.run()
    assert not app.exception, app.exception
    return app


def saved_option(store: Store, app: AppTest) -> dict[str, Any]:
    saved = find_scenario(store, app.query_params["assessment"])
    assert saved is not None
    option: dict[str, Any] = saved.document["options"][0]
    return option


def said(app: AppTest) -> str:
    found = (app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    return "\n".join(str(each.value) for kind in found for each in kind)


def rows(app: AppTest, column: str) -> dict[str, str]:
    table = next(each.value for each in app.table if column in each.value.columns)
    return dict(zip(table.iloc[:, 0], table.iloc[:, 1], strict=True))


def total(app: AppTest) -> str:
    return str(next(each.value for each in app.table if "Option" in each.value.columns).iloc[0, 1])


def take(app: AppTest) -> AppTest:
    next(button for button in app.button if button.key and button.key.endswith(":take_hours")).click()
    app.run()
    assert not app.exception, app.exception
    return app


def test_the_hours_of_a_run_are_estimated_and_taken_over_as_a_range_that_the_estimate_then_uses(store: Store) -> None:
    app = edit(store, OPTION, "hours_panel")
    assert any("it fits the memory" in each.value for each in app.success)
    parts = rows(app, "GiB on each GPU")
    assert float(parts["Weights of the model"]) == pytest.approx(8.191e9 * 2 / 2**30, rel=0.05)
    shown = sum(float(gib) for name, gib in parts.items() if name != "Together")
    assert float(parts["Together"]) == pytest.approx(shown, abs=0.3)
    assert "90 % interval" in said(app)
    before = total(app)
    take(app)
    hours = saved_option(store, app)["training"]["hours"]
    assert 0 < hours["low"] < hours["high"]
    assert "Taken over" in said(app)
    box = next(each for each in app.number_input if each.key and each.key.endswith("options.0.training.hours:low"))
    assert box.value == pytest.approx(hours["low"], abs=1e-6)
    assert total(app) != before


def test_more_tokens_take_proportionally_longer(store: Store) -> None:
    short = saved_option(store, take(edit(store, OPTION, "hours_panel")))["training"]["hours"]
    twice = {**OPTION, "training": {**OPTION["training"], "epochs": 6}}
    long = saved_option(store, take(edit(store, twice, "hours_panel")))["training"]["hours"]
    assert long["low"] / short["low"] == pytest.approx(2, rel=0.02)
    assert long["high"] / short["high"] == pytest.approx(2, rel=0.02)


def test_a_model_too_large_for_the_gpu_is_told_not_to_fit(store: Store) -> None:
    app = edit(store, {**OPTION, "model": "meta-llama/Llama-3.1-70B"}, "hours_panel")
    assert any("does not fit" in error.value for error in app.error)


def test_a_model_that_is_not_listed_is_described_by_its_size(store: Store) -> None:
    app = edit(store, {**OPTION, "model": "acme/own-13b"}, "hours_panel", "serving_panel")
    assert "size of a model that is not listed" in said(app)
    assert "No estimate: it needs a listed open model" in said(app)
    next(each for each in app.number_input if each.label == "Billions of parameters").set_value(13.0)
    app.run()
    assert not app.exception, app.exception
    assert saved_option(store, take(app))["training"]["hours"]["high"] > 0


def test_without_tokens_examples_and_their_length_are_asked(store: Store) -> None:
    app = edit(store, {**OPTION, "training": {"epochs": 3}}, "hours_panel")
    assert "not known without tokens" in said(app)
    next(each for each in app.number_input if each.label == "Examples").set_value(1000)
    next(each for each in app.number_input if each.label == "Tokens of one example").set_value(2000.0)
    app.run()
    asked = saved_option(store, take(app))["training"]["hours"]
    given = saved_option(store, take(edit(store, OPTION, "hours_panel")))["training"]["hours"]
    # The length of a row tells a little more than the tokens of a round alone.
    assert asked == pytest.approx(given, rel=0.05)


def test_what_a_machine_serves_is_shown_with_machines_price_and_where_it_comes_from(store: Store) -> None:
    quiet = edit(store, OPTION, "serving_panel")
    found = rows(quiet, "Estimate")
    assert found["Machines for the busiest hour"] == "1 machine"
    peak = 400000 * 4 / (730 * 3600)
    assert float(found["The busiest hour asks, requests a second"]) == pytest.approx(peak, rel=0.01)
    each = Decimal("1.09") * 730 / (Decimal(400000) * 200) * 10**6
    assert float(found["USD a million output tokens at this traffic"]) == pytest.approx(float(each), rel=0.01)
    assert "-badge" in said(quiet)
    assert "runpod" in said(quiet)
    busy = rows(edit(store, OPTION, "serving_panel", requests=400_000_000), "Estimate")
    assert "machines" in busy["Machines for the busiest hour"]


def test_a_capacity_of_ones_own_comes_before_the_estimate(store: Store) -> None:
    hosting = {**OPTION["hosting"], "requests_per_second_capacity": 0.25}
    found = rows(edit(store, {**OPTION, "hosting": hosting}, "serving_panel"), "Estimate")
    assert found["Machines for the busiest hour"] == "3 machines"
    assert "You gave this number yourself" in said(edit(store, {**OPTION, "hosting": hosting}, "serving_panel"))


def test_hours_are_the_wider_interval_that_a_scenario_means() -> None:
    from ftdecide.costs.compute.spread import Spread
    from ftdecide.costs.compute.training import TrainingEstimate
    from ftdecide.costs.own_machine import hours_to_take, spread_of

    hours = Spread(1, 2, 8)
    found = TrainingEstimate(hours, {}, "yes", 1, None, hours, hours, None, ())
    taken = hours_to_take(found, 1)
    assert taken is not None
    assert log(float(taken.high) / 2) == pytest.approx(log(4) * 1.6449 / 1.2816, rel=0.01)
    assert log(2 / float(taken.low)) == pytest.approx(log(2) * 1.6449 / 1.2816, rel=0.01)
    even = Spread(1, 2, 4)
    back = hours_to_take(TrainingEstimate(even, {}, "yes", 1, None, even, even, None, ()), 1)
    assert back is not None
    assert spread_of(back).p10 == pytest.approx(1, rel=0.01)
    assert spread_of(back).p90 == pytest.approx(4, rel=0.01)
    shared = hours_to_take(found, 2)
    assert shared is not None
    assert float(shared.high) == pytest.approx(float(taken.high) / 2, rel=0.01)
