"""The page that puts costs side by side, as people use it: through the app, with a store of its own."""

import json
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ftdecide.dataset.samples import Sample, list_samples
from ftdecide.store import assessments
from ftdecide.store.database import Store
from ftdecide.store.scenarios import find_scenario, save_scenario
from pages.parts import state
from pages.parts.scenario_start import start_from
from tests.app_story import visit

ANSWERED = {
    "schema_version": 1,
    "title": "Routing",
    "as_of": "2026-11-22",
    "traffic": {"requests_per_month": 40000, "prompt_tokens": 900, "horizon_months": 6},
    "costs": {"provider": "openai", "base_model": "gpt-4.1-mini", "training_examples": 400},
}


@pytest.fixture
def owner(store: Store) -> str:
    return assessments.create(store, ANSWERED, title="Routing").id


def show(**query: str) -> AppTest:
    app = visit("compare_costs", **query)
    assert not app.exception, app.exception
    return app


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error", "subheader")
    return "\n".join(str(each.value) for kind in kinds for each in app.get(kind))


def press(app: AppTest, key: str) -> AppTest:
    next(button for button in app.button if button.key and button.key.endswith(key)).click()
    app.run()
    assert not app.exception, app.exception
    return app


def act(app: AppTest, action: str, place: int) -> AppTest:
    menu = next(each for each in app.get("menu_button") if each.key.endswith(f":more:{place}"))
    menu.click(action).run()
    assert not app.exception, app.exception
    return app


def box(app: AppTest, path: str) -> Any:
    return next(each for each in app.number_input if each.key and each.key.endswith(f":{path}"))


def open_panel(app: AppTest, owner: str, name: str) -> AppTest:
    app.session_state[f"costs:{owner}:{name}"] = True
    app.run()
    assert not app.exception, app.exception
    return app


def names(app: AppTest) -> list[str]:
    return [str(cell).split("**")[1].replace("\\", "") for cell in app.table[0].value["Option"]]


def ends(app: AppTest) -> list[str]:
    return [str(cell).split(":small[")[1].removesuffix("]") for cell in app.table[0].value["Option"]]


def costs(app: AppTest) -> list[object]:
    return app.table[0].value.to_numpy().tolist()


def test_without_an_assessment_it_is_a_demonstration_that_says_so(store: Store) -> None:
    app = show()
    assert "Demonstration" in words(app)
    assert len(names(app)) == 4
    assert assessments.list_all(store) == []


def test_one_press_starts_a_comparison_of_ones_own_that_is_kept(store: Store) -> None:
    app = press(show(), "start_own_costs")
    kept = assessments.list_all(store)[0]
    saved = find_scenario(store, kept.id)
    assert saved is not None
    assert app.query_params["assessment"] == kept.id
    assert app.query_params["scenario"] == saved.id
    assert "Demonstration" not in words(app)


@pytest.mark.parametrize("sample", list_samples(), ids=lambda sample: sample.name)
def test_a_sample_data_set_becomes_a_comparison_with_its_own_tokens(store: Store, sample: Sample) -> None:
    app = show()
    menu = next(each for each in app.get("menu_button") if each.key == "start_sample_costs")
    menu.click(sample.title).run()
    assert not app.exception, app.exception
    assert given(app) == (2, 1)
    saved = find_scenario(store, assessments.list_all(store)[0].id)
    assert saved is not None
    assert app.query_params["scenario"] == saved.id, "the address can be shared before anything is changed"
    assert costs(show(scenario=saved.id)) == costs(app)


def given(app: AppTest) -> tuple[int, int]:
    """How many numbers of the traffic came with the example, and how many are assumed."""
    line = next(each.value for each in app.markdown if "tokens a request" in each.value)
    return line.count("From the example"), line.count("Assumed")


def test_a_number_that_replaces_the_examples_own_is_no_longer_called_the_examples(store: Store) -> None:
    sample = list_samples()[0]
    owner = start_from(sample)
    now = assessments.load(store, owner)
    traffic = {**now.document["traffic"], "output_tokens": 777}
    assessments.save(store, owner, {**now.document, "traffic": traffic}, expected_version=now.version)
    assert given(show(assessment=owner)) == (1, 1)


def test_a_shared_link_shows_the_same_costs_on_a_later_day(
    store: Store, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = show(assessment=owner)
    assessments.save(store, owner, {**ANSWERED, "as_of": None}, expected_version=1)
    monkeypatch.setattr(state, "today", lambda: date(2026, 11, 22))
    app = open_panel(show(assessment=owner), owner, "share")
    saved = find_scenario(store, owner)
    assert saved is not None
    assert saved.document["as_of"] == "2026-11-22"
    assert "counts from 2026-11-22 on" in words(app)
    monkeypatch.setattr(state, "today", lambda: date(2027, 8, 1))
    later = show(scenario=saved.id)
    assert costs(later) == costs(app)
    assert costs(show()) != costs(app)


def test_traffic_comes_from_the_assessment_and_the_rest_is_marked_assumed(store: Store, owner: str) -> None:
    app = show(assessment=owner)
    line = next(each.value for each in app.markdown if "requests a month" in each.value)
    assert "**40,000** requests a month :gray-badge" in line
    assert "tokens a request :orange-badge" in line
    assert find_scenario(store, owner) is None, "looking keeps nothing"


def test_traffic_stays_linked_to_the_assessment_until_it_is_changed_here(store: Store, owner: str) -> None:
    app = open_panel(show(assessment=owner), owner, "traffic")
    box(app, "traffic.input_tokens:low").set_value(77.0)
    app.run()
    saved = find_scenario(store, owner)
    assert saved is not None
    assert (saved.document["traffic"]["input_tokens"], saved.own) == (77, ("input_tokens",))
    now = assessments.load(store, owner)
    document = {**now.document, "traffic": {"requests_per_month": 5000, "input_tokens": 12}}
    assessments.save(store, owner, document, expected_version=now.version)
    assert "**5,000** requests a month" in words(app.run())
    assert "**77** tokens a request :orange-badge" in words(app)
    press(app, ":follow")
    assert "**12** tokens a request :gray-badge" in words(app)


def test_a_range_gives_ranges_and_one_in_the_wrong_order_is_explained_and_not_saved(store: Store, owner: str) -> None:
    app = open_panel(show(assessment=owner), owner, "traffic")
    box(app, "traffic.requests_per_month:high").set_value(60000.0)
    app.run()
    saved = find_scenario(store, owner)
    assert saved is not None
    assert saved.document["traffic"]["requests_per_month"] == {"low": 40000, "high": 60000}
    box(app, "traffic.requests_per_month:high").set_value(10.0)
    app.run()
    assert any("swap them" in error.value for error in app.error)
    assert find_scenario(store, owner) == saved


def test_options_are_duplicated_renamed_added_and_removed(store: Store, owner: str) -> None:
    app = act(show(assessment=owner), "Duplicate", 0)
    assert names(app)[:2] == ["Examples in the prompt", "Copy of Examples in the prompt"]
    name = next(each for each in app.text_input if each.key and each.key.endswith("options.1.name"))
    name.set_value("Fewer examples")
    app.run()
    assert names(app)[1] == "Fewer examples"
    act(app, "Remove", 0)
    assert names(app)[0] == "Fewer examples"
    saved = find_scenario(store, owner)
    assert saved is not None
    assert [option["name"] for option in saved.document["options"]] == names(app)


def test_a_removed_option_is_put_back_where_it_was(store: Store, owner: str) -> None:
    app = show(assessment=owner)
    before = names(app)
    act(app, "Remove", 1)
    assert names(app) == [before[0], *before[2:]]
    press(app, ":undo")
    assert names(app) == before
    assert not any(button.key and button.key.endswith(":undo") for button in app.button)


def test_every_template_is_added_and_costed(store: Store, owner: str) -> None:
    app = show(assessment=owner)
    before = len(names(app))
    menu = next(each for each in app.get("menu_button") if each.key == f"costs:{owner}:add")
    for index in range(len(menu.options)):
        next(each for each in app.get("menu_button") if each.key == f"costs:{owner}:add").click_index(index).run()
        assert not app.exception, app.exception
    assert len(names(app)) == before + len(menu.options)
    assert "—" not in list(app.table[0].value.iloc[:, 1])


def test_a_comparison_is_shared_as_link_spreadsheet_and_csv(store: Store, owner: str) -> None:
    app = act(show(assessment=owner), "Duplicate", 0)
    open_panel(app, owner, "share")
    saved = find_scenario(store, owner)
    assert saved is not None
    assert f"assessment={owner}&scenario={saved.id}" in app.code[0].value
    assert [button.label for button in app.get("download_button")] == ["Spreadsheet (XLSX)", "All lines (CSV)"]


def test_two_options_cannot_have_one_name(store: Store, owner: str) -> None:
    app = press(show(assessment=owner), ":edit:0")
    name = next(each for each in app.text_input if each.key and each.key.endswith("options.0.name"))
    name.set_value("Cheaper, newer model")
    app.run()
    assert any("name of its own" in error.value for error in app.error)
    assert find_scenario(store, owner) is None


def test_the_second_of_two_tabs_overwrites_nothing_and_is_told(store: Store, owner: str) -> None:
    app = show(assessment=owner)
    other = {"schema_version": 1, "traffic": {"requests_per_month": 1, "input_tokens": 1, "output_tokens": 1}}
    newer = save_scenario(store, owner, {**other, "options": [{"name": "Theirs"}]}, own=(), expected_version=0)
    act(app, "Remove", 0)
    assert find_scenario(store, owner) == newer
    assert "changed elsewhere" in words(app)
    assert names(app) == ["Theirs"]
    press(app, ":understood")
    assert "changed elsewhere" not in words(app)


def test_the_link_of_a_scenario_opens_it_and_a_wrong_one_is_told(store: Store, owner: str) -> None:
    act(show(assessment=owner), "Remove", 0)
    saved = find_scenario(store, owner)
    assert saved is not None
    app = show(scenario=saved.id)
    assert app.query_params["assessment"] == owner
    assert len(names(app)) == 3
    lost = show(scenario="gone")
    assert any("'gone'" in error.value for error in lost.error)


def test_a_model_that_is_retired_says_so_in_the_list_on_the_card_and_in_the_table(store: Store, owner: str) -> None:
    document = {
        "schema_version": 1,
        "as_of": "2027-02-01",
        "traffic": {"requests_per_month": 1000, "input_tokens": 100, "output_tokens": 10},
        "options": [
            {"name": "Old", "provider": "openai", "model": "gpt-4.1-mini"},
            {"name": "New", "provider": "openai", "model": "gpt-6-luna"},
        ],
    }
    save_scenario(store, owner, document, own=("as_of",), expected_version=0)
    app = press(show(assessment=owner), ":edit:0")
    assert "retired 2027-01-14" in next(each.value for each in app.markdown if "**Old**" in each.value)
    choice = next(each for each in app.selectbox if each.key and each.key.endswith("options.0.model"))
    retired = [label for label in choice.options if label.startswith("gpt-4.1-mini · OpenAI")]
    assert retired == ["gpt-4.1-mini · OpenAI · retired 2027-01-14"]
    assert choice.options.index(retired[0]) > choice.options.index(
        next(label for label in choice.options if "gpt-6-luna" in label)
    )
    assert ends(app) == ["cannot be had", "no end date known"]
    assert "stopped answering on 2027-01-14" in words(app)


def test_an_option_is_turned_into_a_tuned_one_with_training_of_the_examples_at_hand(store: Store, owner: str) -> None:
    app = press(show(assessment=owner), ":edit:1")
    app.toggle[0].set_value(True).run()
    assert not app.exception
    saved = find_scenario(store, owner)
    assert saved is not None
    training = saved.document["options"][1]["training"]
    each = 900 * 0.3 + 300 + 150
    assert training["tokens_per_epoch"] == 400 * each
    assert "closed for tuning" in next(mark.value for mark in app.markdown if "**Cheaper, newer model**" in mark.value)
    app.toggle[0].set_value(False).run()
    saved = find_scenario(store, owner)
    assert saved is not None
    assert "training" not in saved.document["options"][1]


def test_a_price_of_ones_own_is_used_and_marked_assumed(store: Store, owner: str) -> None:
    app = press(show(assessment=owner), ":edit:1")
    box(app, "options.1.prices_usd_per_mtok.output").set_value(500.0)
    app.run()
    assert not app.exception
    saved = find_scenario(store, owner)
    assert saved is not None
    assert saved.document["options"][1]["prices_usd_per_mtok"] == {"output": 500}
    open_panel(app, owner, "lines")
    lines = app.dataframe[0].value
    out = lines[(lines["option"] == "Cheaper, newer model") & (lines["price"] == 500)]
    assert list(out["origin"]) == ["assumed"]


def test_every_line_names_its_origin_and_when_it_was_read(store: Store, owner: str) -> None:
    lines = open_panel(show(assessment=owner), owner, "lines").dataframe[0].value
    assert len(lines) > 10
    assert set(lines["origin"]) <= {"measured", "quoted", "assumed"}
    assert all(lines["source"])
    assert all(lines["as_of"])


def test_the_horizon_is_saved_and_other_traffic_is_only_tried(store: Store, owner: str) -> None:
    app = show(assessment=owner)
    app.slider[0].set_value(12)
    app.run()
    saved = find_scenario(store, owner)
    assert saved is not None
    assert (saved.document["horizon_months"], saved.own) == (12, ("horizon_months",))
    before = list(app.table[0].value.iloc[:, 1])
    app.select_slider[0].set_value("10")
    app.run()
    assert list(app.table[0].value.iloc[:, 1]) != before
    assert find_scenario(store, owner) == saved


def test_an_option_with_an_unknown_price_costs_at_least_its_sum_and_is_never_called_the_cheapest(
    store: Store, owner: str
) -> None:
    document = {
        "schema_version": 1,
        "traffic": {"requests_per_month": 1, "input_tokens": 1, "output_tokens": 1},
        "options": [
            {
                "name": "Unpriced",
                "provider": "bedrock",
                "model": "nova-lite",
                "fine_tuned": True,
                "training": {"tokens_per_epoch": 1000},
            },
            {"name": "Priced", "provider": "openai", "model": "gpt-6-luna", "effort": {"hours": 1, "usd_per_hour": 90}},
        ],
    }
    save_scenario(store, owner, document, own=(), expected_version=0)
    app = show(assessment=owner)
    assert str(app.table[0].value.iloc[0, 1]).startswith("**at least")
    assert "**Priced**, about" in words(app)


def test_a_model_that_the_catalogue_does_not_know_is_told_and_replaced(store: Store) -> None:
    document = {"schema_version": 1, "costs": {"provider": "openai", "base_model": "gpt-9"}}
    app = show(assessment=assessments.create(store, document, title="Unknown").id)
    assert "'gpt\\-9'" in app.info[0].value
    assert "Fine-tune at a provider" in names(app)


@pytest.mark.parametrize("tab", ["Over time", "By volume", "What matters most"])
def test_each_chart_is_drawn_and_described_in_words(store: Store, owner: str, tab: str) -> None:
    app = show(assessment=owner)
    app.session_state[f"costs:{owner}:chart"] = tab
    app.run()
    assert not app.exception
    chart = app.get("plotly_chart")[0].proto
    assert chart.alt
    assert json.loads(chart.spec)["data"]


@pytest.mark.parametrize(("tunable", "told"), [("yes", 0), ("unknown", 1)])
def test_a_team_that_tunes_there_already_is_not_told_that_only_such_teams_may(
    store: Store, tunable: str, told: int
) -> None:
    opened = assessments.create(store, {**ANSWERED, "costs": {**ANSWERED["costs"], "tunable": tunable}}, title="Tuning")
    document = {
        "schema_version": 1,
        "as_of": "2026-11-22",
        "traffic": {"requests_per_month": 1000, "input_tokens": 100, "output_tokens": 10},
        "options": [
            {
                "name": "Tuned",
                "provider": "openai",
                "model": "gpt-4.1-mini",
                "fine_tuned": True,
                "training": {"tokens_per_epoch": 1000, "epochs": 3},
            }
        ],
    }
    save_scenario(store, opened.id, document, own=(), expected_version=0)
    app = show(assessment=opened.id)
    assert words(app).count("only by organisations that already fine-tune") == told
    assert "New training jobs can be created until 2027-01-06" in words(app)


def test_what_matters_most_turns_around_the_sum_of_the_lines(store: Store, owner: str) -> None:
    app = open_panel(show(assessment=owner), owner, "lines")
    lines = app.dataframe[0].value
    first = lines["option"].iloc[0]
    app.session_state[f"costs:{owner}:chart"] = "What matters most"
    app.run()
    bars = json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
    assert bars[0]["base"] == pytest.approx(lines[lines["option"] == first]["usd"].sum())


def test_every_option_says_where_its_money_goes_in_words_too(store: Store, owner: str) -> None:
    app = show(assessment=owner)
    told = next(each.value for each in app.markdown if "Labels and people " in each.value).splitlines()
    assert len(told) == len(names(app))
    assert all("%" in line for line in told)
    assert "hosting." not in words(app)
