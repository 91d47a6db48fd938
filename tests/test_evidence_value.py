from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftdecide.assessment.types import Assessment, read_assessment
from ftdecide.catalog import load_catalog
from ftdecide.decision import decide
from ftdecide.decision.evidence_value import Pairs, Stakes, value_evidence
from ftdecide.decision.uncertain import Uncertain
from ftdecide.decision.wording import say_evidence_value, say_pays_from

TODAY = date(2026, 11, 22)
# Worth 0.25 USD each, 300,000 calls, and 5,000 USD more, give or take 1,500.
EXAMPLE = Stakes(Uncertain(75_000.0), Uncertain(5_000.0, 1_500.0**2), None)
counts = st.integers(0, 400).map(float)
amounts = st.builds(lambda mean, spread: Uncertain(mean, (mean * spread) ** 2), st.floats(0, 1e6), st.floats(0, 2))
pairs = st.builds(Pairs, counts, counts, counts)
lawful = settings(max_examples=25, deadline=None)


def assessed(wins: int | None, losses: int | None, value: float | None = 0.25, **costs: object) -> Assessment:
    return read_assessment(
        {
            "schema_version": 1,
            "traffic": {"requests_per_month": 25_000, "horizon_months": 12, "value_per_success_usd": value},
            "alternatives": {"evaluation_examples": 100},
            "costs": {"engineer_hours": 50, "hourly_rate_usd": 100, **costs},
            "benefits": {"paired_wins": wins, "paired_losses": losses},
        }
    )


def test_the_worked_example_comes_out_as_it_was_published() -> None:
    found = value_evidence(Pairs(18, 10, 72), EXAMPLE)
    assert found.p_pays == pytest.approx(0.58, abs=0.015)
    assert found.expected_usd == pytest.approx(75_000 * 8 / 102 - 5_000, abs=0.01)
    hundred = value_evidence(Pairs(18, 10, 72), Stakes(EXAMPLE.worth, EXAMPLE.extra_cost, 3.0))
    assert (hundred.rows, hundred.rows_cost_usd) == (100, 300)
    assert hundred.evsi_usd == pytest.approx(712, rel=0.03)
    assert "Label about 100 more" in say_evidence_value(hundred)


def test_a_clear_result_says_stop_testing() -> None:
    found = value_evidence(Pairs(25, 3, 72), EXAMPLE)
    assert found.rows is None
    assert found.evsi_usd < 5
    assert "Stop testing" in say_evidence_value(found)


@lawful
@given(pairs, amounts, amounts, st.none() | st.floats(0, 100))
def test_evidence_is_never_worth_less_than_nothing_or_more_than_certainty(
    seen: Pairs, worth: Uncertain, cost: Uncertain, row: float | None
) -> None:
    found = value_evidence(seen, Stakes(worth, cost, row))
    assert 0 <= found.evsi_usd <= found.evpi_usd + 0.01
    assert 0 <= found.p_pays <= 1
    if found.rows is not None and row is not None:
        assert found.evsi_usd > (found.rows_cost_usd or 0)


@lawful
@given(pairs, amounts, amounts)
def test_more_wins_never_make_it_less_probable_that_tuning_pays(seen: Pairs, worth: Uncertain, cost: Uncertain) -> None:
    stakes = Stakes(worth, cost, None)
    more = value_evidence(Pairs(seen.wins + 20, seen.losses, seen.ties), stakes)
    assert more.p_pays >= value_evidence(seen, stakes).p_pays - 0.01
    assert more.expected_usd >= value_evidence(seen, stakes).expected_usd - 0.01


def test_dearer_labels_never_ask_for_more_rows() -> None:
    stakes = [Stakes(EXAMPLE.worth, EXAMPLE.extra_cost, row) for row in (0.0, 1.0, 5.0, 50.0)]
    asked = [value_evidence(Pairs(18, 10, 72), one).rows or 0 for one in stakes]
    assert asked == sorted(asked, reverse=True)
    assert asked[0] > 0
    assert asked[-1] == 0


def test_without_pairs_or_a_worth_the_decision_says_from_when_it_pays() -> None:
    unmeasured = decide(assessed(None, None), TODAY)
    assert unmeasured.evidence_value is None
    assert unmeasured.pays_from_usd == pytest.approx(5_000 / 300_000 / 0.045, rel=0.01)
    worthless = decide(assessed(18, 10, None), TODAY)
    assert worthless.evidence_value is None
    assert worthless.pays_from_usd == pytest.approx(5_000 / 300_000 / 0.08, rel=0.01)
    assert "0.21 USD" in say_pays_from(worthless.pays_from_usd)


def test_a_loss_never_pays_and_unknown_effort_says_nothing() -> None:
    assert decide(assessed(10, 18), TODAY).pays_from_usd is None
    unknown = decide(assessed(18, 10, engineer_hours=None), TODAY)
    assert (unknown.evidence_value, unknown.pays_from_usd) == (None, None)


def test_a_price_of_the_catalogue_moves_what_tuning_must_earn() -> None:
    hosted = decide(
        read_assessment(
            {
                **assessed(18, 10).model_dump(mode="json"),
                "traffic": {
                    "requests_per_month": 25_000,
                    "horizon_months": 12,
                    "value_per_success_usd": 0.25,
                    "prompt_tokens": 900,
                    "input_tokens": 200,
                    "output_tokens": 20,
                },
                "costs": {
                    "engineer_hours": 50,
                    "hourly_rate_usd": 100,
                    "provider": "azure",
                    "base_model": "gpt-4.1-mini",
                },
            }
        ),
        TODAY,
        load_catalog(),
    )
    plain = decide(assessed(18, 10), TODAY)
    assert hosted.evidence_value is not None
    assert plain.evidence_value is not None
    assert hosted.evidence_value.expected_usd < plain.evidence_value.expected_usd


@pytest.mark.parametrize("seen", [Pairs(18, 10, 72), Pairs(6, 2, 22), Pairs(30, 22, 348)])
@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_the_closed_form_agrees_with_a_simulation(seen: Pairs, spread: float) -> None:
    random, draws = np.random.default_rng(1), 400_000
    worth = Uncertain(75_000.0, (75_000.0 * spread) ** 2)
    shares = random.dirichlet([seen.wins + 0.5, seen.losses + 0.5, seen.ties + 1], draws)
    sigma = np.sqrt(np.log1p(spread**2))
    drawn = 75_000 * np.exp(sigma * random.standard_normal(draws) - sigma**2 / 2)
    benefit = drawn * (shares[:, 0] - shares[:, 1]) - random.normal(5_000, 1_500, draws)
    found = value_evidence(seen, Stakes(worth, EXAMPLE.extra_cost, None))
    assert found is not None
    assert found.p_pays == pytest.approx(float((benefit > 0).mean()), abs=0.015)
    simulated = float(np.maximum(benefit, 0).mean()) - max(float(benefit.mean()), 0.0)
    assert found.evpi_usd == pytest.approx(simulated, rel=0.06)
