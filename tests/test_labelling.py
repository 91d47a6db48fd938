"""People label pairs blindly: which pairs, on which side, kept at once, and what is made of it."""

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from ftdecide.experiment.export import export_json
from ftdecide.experiment.judge.labelling import Choice, Sheet, labels_of, open_sheet, save_choice
from ftdecide.experiment.judge.pairs import AnswerPair, first_side, shuffle
from ftdecide.experiment.judge.view import load_pairs, sheet_of, view_judgements
from ftdecide.experiment.run_commands import result
from ftdecide.experiment.types import Row
from ftdecide.settings import load_settings
from ftdecide.store.database import Store
from ftdecide.store.tunes import load_events
from tests.app_story import visit
from tests.judged_runs import JUDGE, TEST_ROWS, judged_plan, run_judged, script
from tests.loopback import KEY, Loopback, serve_loopback

SCREEN = """
from ftdecide.experiment.run_view import view_run
from pages.parts import labelling, state
import streamlit as st

view = view_run(state.store(), st.query_params["run"])
if not labelling.show_labelling(view):
    labelling.show_judgements(view)
"""


def pairs_of(count: int, alike: int = 0) -> list[AnswerPair]:
    rows = [Row(item=f"test-{n}", prompt=f"q {n}", reference="r", line=n) for n in range(count)]
    return [
        AnswerPair("arm", "base", row, "same" if n < alike else f"mine {n}", "same" if n < alike else "theirs", f"d{n}")
        for n, row in enumerate(rows)
    ]


def sheet(count: int, alike: int, said: dict[int, Choice], seed: int = 1) -> Sheet:
    """A sheet whose open pairs, in the order in which they come, have been labelled by place."""
    pairs = shuffle(pairs_of(count, alike), seed)
    open_pairs = [pair for pair in pairs if pair.settled is None]
    return Sheet(pairs, {open_pairs[place].digest: choice for place, choice in said.items()}, seed)


@given(st.integers(0, 2**32), st.integers(0, 50), st.integers(0, 50))
def test_more_pairs_to_label_contain_the_fewer(seed: int, few: int, more: int) -> None:
    order = shuffle(pairs_of(50), seed)
    assert order == shuffle(list(reversed(pairs_of(50))), seed)
    assert set(order[: min(few, more)]) <= set(order[: max(few, more)])


def test_the_side_is_drawn_by_lot_and_stays() -> None:
    pairs = pairs_of(400)
    sides = [first_side(pair, 7) for pair in pairs]
    assert sides == [first_side(pair, 7) for pair in pairs]
    assert 150 < sides.count("arm") < 250
    orders = [first_side(pair, 8) for pair in pairs]
    assert 150 < sum(one == other for one, other in zip(sides, orders, strict=True)) < 250


def test_a_label_counts_for_the_arm_whichever_side_it_was_on() -> None:
    found = sheet(12, 0, {})
    for place, pair in enumerate(found.pairs):
        labelled = Sheet(found.pairs, {each.digest: "skip" for each in found.pairs} | {pair.digest: "first"}, 1)
        expected = 1.0 if first_side(pair, 1) == "arm" else -1.0
        assert labels_of(labelled) == {pair.digest: expected}, place
        assert labels_of(labelled._replace(said={**labelled.said, pair.digest: "second"})) == {pair.digest: -expected}
        assert labels_of(labelled._replace(said={**labelled.said, pair.digest: "same"})) == {pair.digest: 0.0}


def test_equal_answers_count_as_labelled_only_as_far_as_somebody_has_looked() -> None:
    whole = sheet(40, 20, {})
    assert labels_of(whole) == {}
    some = sheet(40, 20, dict.fromkeys(range(5), "same"))
    last = max(place for place, pair in enumerate(some.pairs) if pair.digest in some.said)
    assert set(labels_of(some)) == {pair.digest for pair in some.pairs[: last + 1]}
    assert some.next is not None
    every = sheet(40, 20, dict.fromkeys(range(20), "same"))
    assert every.next is None
    assert len(labels_of(every)) == 40


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Generator[Loopback]:
    monkeypatch.setenv("FTDECIDE_COMPATIBLE_API_KEY", KEY)
    with serve_loopback() as state:
        yield state


@pytest.fixture
def run_id(server: Loopback, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    def longer(first: str, second: str) -> str:
        return f"Verdict: {'A' if len(first) > len(second) else 'B'}"

    monkeypatch.setattr(server, "answer", script(server, longer))
    return run_judged(store, load_settings(), judged_plan(server, tmp_path))


def test_the_page_of_a_run_shows_the_judgement_or_the_screen_alone(store: Store, run_id: str) -> None:
    page = visit("run_comparison", run=run_id)
    assert not page.exception
    assert "Answers compared side by side" in texts(page)
    page = click(page, "enter_1")
    assert "Answer A" in texts(page)
    assert "Answers compared side by side" not in texts(page)
    assert not page.dataframe
    assert "Which option gave which answer is not shown" in texts(page)


def test_the_command_line_and_the_export_tell_the_judgement(store: Store, run_id: str) -> None:
    (judged,) = cast("list[dict[str, object]]", result(load_settings(), run_id)["judgements"])
    assert judged["model"] == JUDGE
    assert judged["naive"] == pytest.approx(-2 / 3)
    assert export_json(store, run_id)["judgements"] == [judged]
    assert json.loads(json.dumps(judged)) == judged


def screen(run_id: str, label: str | None = None) -> AppTest:
    app = AppTest.from_string(SCREEN, default_timeout=60)
    app.query_params["run"] = run_id
    if label:
        app.query_params["label"] = label
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.success, *app.warning, *app.subheader, *app.code]
    return "\n".join(str(part.value) for part in parts)


def click(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def label_as(store: Store, run_id: str, say: Callable[[AnswerPair], float]) -> None:
    """Label every pair as `say` says in favour of the arm."""
    found = load_pairs(store, run_id)
    while (pair := (now := sheet_of(store, found, 0)).next) is not None:
        for_first = say(pair) * (1 if first_side(pair, now.seed) == "arm" else -1)
        choice: Choice = "same" if not for_first else "first" if for_first > 0 else "second"
        save_choice(store, run_id, pair, choice, now.seed)


def test_the_screen_shows_both_answers_and_nothing_that_tells_whose_they_are(store: Store, run_id: str) -> None:
    app = screen(run_id, "1")
    seen = texts(app).lower()
    assert "answer a" in seen
    assert "answer b" in seen
    assert "which answer is politer?" in seen.replace("\\", "")
    shown = {each.value for each in app.code}
    pair = sheet_of(store, load_pairs(store, run_id), 0).next
    assert pair is not None
    assert {pair.row.prompt, pair.row.reference, pair.answer, pair.baseline_answer} == shown
    for name in ("zero", "few", "example", "baseline", "instructions only", "gpt", "claude", "judge"):
        assert name not in seen
    assert not app.get("vega_lite_chart")


def test_what_is_said_is_kept_at_once_and_the_next_pair_comes(store: Store, run_id: str) -> None:
    app = screen(run_id, "1")
    first = {each.value for each in app.code}
    click(app, "label_first")
    assert {each.value for each in app.code} != first
    again = screen(run_id, "1")
    assert {each.value for each in again.code} == {each.value for each in app.code}
    found = load_pairs(store, run_id)
    assert sheet_of(store, found, 0).done == 1
    (event,) = load_events(store, run_id, "label")
    pair = next(each for each in found.contrasts[0] if each.digest == event.payload["pair"])
    assert event.payload["choice"] == "first"
    assert event.payload["first"] == first_side(pair, found.experiment.seed)
    click(again, "label_undo")
    assert {each.value for each in again.code} == first
    assert sheet_of(store, found, 0).done == 0
    assert not [button for button in again.button if button.key == "label_undo"]


def test_every_pair_is_asked_once_and_then_the_screen_says_so(store: Store, run_id: str) -> None:
    app, clicks = screen(run_id, "1"), 0
    while any(button.key == "label_same" for button in app.button):
        click(app, ("label_same", "label_skip")[clicks % 2])
        clicks += 1
    assert clicks == TEST_ROWS - TEST_ROWS // 3
    assert "Every pair has been looked at" in texts(app)
    click(app, "label_leave")
    assert "label" not in app.query_params
    assert "Answers compared side by side" in texts(app)


def test_the_result_leads_with_the_corrected_gap_and_to_the_labels(store: Store, run_id: str) -> None:
    app = screen(run_id)
    assert "which nobody has checked" in texts(app)
    label_as(store, run_id, lambda pair: -1.0 if len(pair.answer or "") < len(pair.baseline_answer or "") else 0.0)
    (agreed,) = view_judgements(store, run_id)
    assert agreed.labelled == 16
    assert agreed.kappa is None
    assert not agreed.secondary
    assert agreed.interval is not None
    assert agreed.interval.high < 0
    app = screen(run_id)
    assert "corrected by 16 pairs labelled by people" in texts(app)


def test_a_judge_that_people_contradict_is_called_secondary(store: Store, run_id: str) -> None:
    turn = iter(range(100))
    label_as(store, run_id, lambda _pair: (1.0, 1.0, -1.0)[next(turn) % 3])
    (judged,) = view_judgements(store, run_id)
    assert judged.secondary
    assert judged.naive is not None
    assert judged.naive < -0.6
    assert judged.difference is not None
    assert judged.difference > 0
    assert "treat it as secondary" in texts(screen(run_id))


def test_the_button_opens_the_screen_and_an_address_of_none_shows_the_result(store: Store, run_id: str) -> None:
    app = click(screen(run_id), "enter_1")
    assert app.query_params["label"] in ("1", ["1"])
    assert "Answer A" in texts(app)
    for wrong in ("0", "2", "x", "²", "-1"):
        assert "Answers compared side by side" in texts(screen(run_id, wrong))


def test_a_label_belongs_to_the_texts_that_were_seen(store: Store, run_id: str) -> None:
    pair = load_pairs(store, run_id).contrasts[0][0]
    save_choice(store, run_id, pair, "same", 1)
    other = pair._replace(answer="something else", digest="another")
    assert open_sheet(store, run_id, [other], 1, 10).done == 0
