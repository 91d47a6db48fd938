"""What no arm should do, the general questions, and the report class by class."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from ftdecide.catalog import load_catalog
from ftdecide.dataset.read import read_examples
from ftdecide.dataset.samples import load_sample
from ftdecide.errors import InputError
from ftdecide.experiment.arm_checks import Guardrail
from ftdecide.experiment.evidence import summary_json
from ftdecide.experiment.general.pairs import general_arms
from ftdecide.experiment.general.questions import (
    ASKED,
    PREFIX,
    general_questions,
    general_rows,
    grade_general,
    measure_forgetting,
)
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.graders import failed, grade
from ftdecide.experiment.guardrails import RULES, guardrails, says_unknown
from ftdecide.experiment.label_report import OTHER, label_report
from ftdecide.experiment.plan import read_experiment, sample_experiment
from ftdecide.experiment.price import price_work
from ftdecide.experiment.rows import build_rows
from ftdecide.experiment.statistics import tango
from ftdecide.experiment.summary import summarise
from ftdecide.experiment.types import Answer, Row
from ftdecide.experiment.workload import count_work, general_work

CONTAINS = GraderPlan(kind="contains")
LABEL = GraderPlan(kind="label", labels=("red", "green", "blue"))


def row(number: int, reference: str, group: str = "") -> Row:
    return Row(item=f"test-{number}", prompt=f"Question {number}", reference=reference, line=number, group=group)


def answer(number: int, text: str, **changes: object) -> Answer:
    return Answer.model_validate({"arm": "tuned", "item": f"test-{number}", "text": text, **changes})


def look(plan: GraderPlan, rows: list[Row], answers: list[Answer]) -> dict[str, Guardrail]:
    references = {each.item: each.reference for each in rows}
    grades = [failed(each.error) if each.error else grade(plan, references[each.item], each.text) for each in answers]
    return {found.kind: found for found in guardrails(rows, answers, grades)}


@pytest.mark.parametrize(
    "text",
    [
        "Not stated in the policies",
        "The policies do not say.",
        "This isn't mentioned anywhere.",
        "The documents don’t specify a limit.",  # noqa: RUF001 - the sign of word processors
        "There is no information about that.",
        "I don't know",
        "It cannot be determined from the text.",
        "Unknown",
        "n/a.",
        "There is nothing about it in our handbook",
        "That is not covered by the policy.",
        "Nicht angegeben",
        "Dazu gibt es keine Angaben.",
        "Ce n'est pas précisé.",
        "No se indica",
        "Dat is niet vermeld",
    ],
)
def test_texts_that_say_nothing_is_known(text: str) -> None:
    assert says_unknown(text)


@pytest.mark.parametrize(
    "text",
    [
        "14 days",
        "Breakfast is not included",
        "Not on the roof terrace",
        "Dental care is not covered",
        "No",
        "None",
        "No data is kept",
        "You must not tell anyone",
        "Lunch is not provided on Fridays",
        "unknown callers are blocked",
    ],
)
def test_texts_that_say_something(text: str) -> None:
    assert not says_unknown(text)


def test_every_unanswerable_row_of_the_policies_is_found_and_no_other() -> None:
    sample = load_sample("company_policies")
    for path, count in ((sample.train_path, 13), (sample.test_path, 7)):
        found = [each.answer for each in read_examples(path) if says_unknown(each.answer)]
        assert (len(found), set(found)) == (count, {"Not stated in the policies"})


def test_each_guardrail_counts_what_it_is_for_and_nothing_else() -> None:
    rows = [row(number, "14 days") for number in range(6)] + [row(number, "Not stated") for number in range(6, 10)]
    found = look(
        CONTAINS,
        rows,
        [
            answer(0, "14 days"),
            answer(1, "I'm sorry, but I can't help with that."),
            answer(2, "   "),
            answer(3, "The documents do not say."),
            answer(4, "30 days"),
            answer(5, "", error="no answer"),
            answer(6, "Not stated in the policies"),
            answer(7, "21 days"),
            answer(8, "The text doesn't mention it, so I cannot say."),
            answer(9, ""),
        ],
    )
    counts = {kind: (each.count, each.n, each.items) for kind, each in found.items()}
    assert counts == {
        "refusal": (1, 9, ("test-1",)),
        "format_break": (0, 9, ()),
        "empty": (2, 9, ("test-2", "test-9")),
        "invented": (1, 4, ("test-7",)),
        "withheld": (1, 5, ("test-3",)),
    }


def test_what_came_without_text_is_empty_what_was_filtered_is_refused_and_a_lost_call_is_nothing() -> None:
    rows = [row(number, "14 days") for number in range(3)]
    failures = ("empty", "content_filter", "unavailable")
    found = look(CONTAINS, rows, [answer(n, "", error="x", failure=each) for n, each in enumerate(failures)])
    assert {kind: (each.count, each.n) for kind, each in found.items()} == {
        "refusal": (1, 2),
        "format_break": (0, 2),
        "empty": (1, 2),
        "invented": (0, 0),
        "withheld": (0, 2),
    }


def test_no_occasion_has_no_share() -> None:
    found = look(CONTAINS, [row(1, "14 days")], [answer(1, "14 days")])["invented"]
    assert (found.count, found.n, found.share, found.interval) == (0, 0, None, None)


def test_a_refusal_that_the_reference_asks_for_is_none() -> None:
    refusal = "I'm sorry, but I can't help with that."
    assert look(CONTAINS, [row(1, refusal)], [answer(1, refusal)])["refusal"].n == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('{"sku": null, "count": 4}', 0),
        ('{"count": 3}', 0),
        ('{"sku": "not stated", "count": 3}', 0),
        ('{"sku": "", "count": 3}', 0),
        ('{"sku": "AB-1", "count": 3}', 1),
        ('{"sku": {"code": 7}, "count": 3}', 1),
        ("no JSON", 0),
    ],
)
def test_a_value_where_the_record_has_none_is_invented(text: str, count: int) -> None:
    found = look(GraderPlan(kind="fields"), [row(1, '{"sku": null, "count": 3}')], [answer(1, text)])["invented"]
    assert (found.count, found.n) == (count, 1)


def test_repeats_of_an_item_count_once_and_share_is_their_mean() -> None:
    rows = [row(1, "14 days"), row(2, "14 days")]
    found = look(CONTAINS, rows, [answer(1, ""), answer(1, "14 days", repeat=1), answer(2, "x")])["empty"]
    assert (found.count, found.n, found.share) == (1, 2, 0.25)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(st.text(), st.text(), st.booleans()), min_size=1, max_size=20))
def test_shares_lie_in_their_intervals_whatever_is_answered(drawn: list[tuple[str, str, bool]]) -> None:
    rows = [row(number, reference) for number, (reference, _text, _failed) in enumerate(drawn)]
    answers = [answer(n, text, error="lost" if lost else None) for n, (_reference, text, lost) in enumerate(drawn)]
    found = look(CONTAINS, rows, answers)
    assert set(found) == set(RULES)
    for each in found.values():
        assert each.n <= len(drawn)
        assert (each.interval is None) == (each.share is None) == (each.n == 0)
        if each.interval is not None and each.share is not None:
            assert 0 <= each.interval.low <= each.share <= each.interval.high <= 1
            assert each.count == round(each.share * each.n)


def test_rows_of_one_group_tell_less() -> None:
    texts = ["" if number < 10 else "14 days" for number in range(40)]
    widths: list[float] = []
    for group in ("", "customer {}"):
        rows = [row(number, "14 days", group.format(number // 10)) for number in range(40)]
        found = look(CONTAINS, rows, [answer(number, text) for number, text in enumerate(texts)])["empty"]
        assert found.interval is not None
        widths.append(found.interval.high - found.interval.low)
    assert widths[1] > widths[0]


def test_general_questions_are_few_named_apart_and_answered_by_each_of_their_texts() -> None:
    questions, rows = general_questions().questions, general_rows()
    assert 20 <= len(rows) == len(questions) <= 30
    assert len({each.item for each in rows}) == len(rows)
    for each, question in zip(rows, questions, strict=True):
        assert each.item.startswith(PREFIX)
        for text in (*question.accepted, *([str(question.number)] if question.number is not None else [])):
            assert grade_general(each.item, text).passed
            assert grade_general(each.item, f"The answer is: {text.upper()}.").passed
        assert not grade_general(each.item, each.prompt).passed, "the question must not hold its own answer"
        assert grade_general(each.item, " ").reason == "empty"


def _general(right: set[int], arm: str) -> list[Answer]:
    return [
        Answer(arm=arm, item=each.item, text=each.reference if each.line in right else "I like trains")
        for each in general_rows()
    ]


def test_forgetting_is_the_paired_difference_of_both_models() -> None:
    total = len(general_rows())
    everything = set(range(1, total + 1))
    found = measure_forgetting(_general(everything - {1}, "zero_shot"), _general(everything - {2, 3, 4}, "fine_tuned"))
    assert found is not None
    assert (found.base, found.tuned, found.n) == ("zero_shot", "fine_tuned", total)
    assert (found.base_right, found.tuned_right) == (total - 1, total - 3)
    assert found.lost == tuple(each.prompt for each in general_rows()[1:4])
    assert found.interval == tango(1, 3, total)
    assert found.difference == pytest.approx(-2 / total)
    assert found.interval.low < found.difference < found.interval.high
    assert "chance" in found.text


def test_a_model_that_forgot_nearly_all_is_told_so() -> None:
    found = measure_forgetting(_general(set(range(1, 25)), "base"), _general({1}, "tuned"))
    assert found is not None
    assert found.interval.high < 0
    assert found.text.endswith("Tuning made it forget.")


def test_too_few_general_questions_say_nothing() -> None:
    base = _general({1, 2}, "base")
    assert measure_forgetting(base, base[:14]) is None
    assert measure_forgetting(base, [each.model_copy(update={"error": "lost"}) for each in base]) is None
    assert measure_forgetting([], []) is None


def test_a_plan_asks_the_base_model_and_those_tuned_on_all_rows() -> None:
    plan = sample_experiment("support_tickets")
    assert general_arms(plan) == ()
    arms = [{"kind": "few_shot", "retrieval": True}, {"kind": "few_shot"}, {"kind": "fine_tuned"}]
    document = {"schema_version": 1, "data": {"sample": "company_policies"}, "arms": arms, "learning_curve": True}
    asking = read_experiment({**document, "general_questions": True})
    assert [each.name for each in general_arms(asking)] == ["few_shot", "fine_tuned"]
    with pytest.raises(InputError, match="zero_shot or few_shot"):
        read_experiment({**document, "general_questions": True, "arms": arms[2:]})


def test_general_questions_are_estimated_at_the_prices_of_base_and_tuned_model() -> None:
    document = {"schema_version": 1, "data": {"sample": "support_tickets"}, "general_questions": True}
    document["provider"] = {"id": "openai", "model": "gpt-4.1-mini-2025-04-14"}
    plan = read_experiment(document)
    work = general_work(plan)
    assert [each.tuned for each in work] == [False, True]
    assert all(each.calls == len(general_rows()) < each.prompt_tokens for each in work)
    counted = count_work(plan, build_rows(plan), 3)
    lines = price_work(counted, plan.provider, load_catalog(), 10, 0.05)
    base, tuned = (line.p50_usd for line in lines if "general questions" in line.item)
    assert base is not None
    assert tuned is not None
    assert 0 < base < tuned < 1


def test_what_was_forgotten_is_told_with_the_result_and_changes_no_score() -> None:
    plan = sample_experiment("support_tickets", test_rows=20).model_copy(update={"general_questions": True})
    rows = build_rows(plan)
    answers = [Answer(arm=arm.name, item=each.item, text=each.reference) for arm in plan.arms for each in rows.test]
    asked = [
        each.model_copy(update={"arm": f"{ASKED}{each.arm}"})
        for each in (*_general(set(range(1, 25)), "zero_shot"), *_general({1}, "fine_tuned"))
    ]
    without, found = summarise(plan, rows, answers), summarise(plan, rows, [*asked, *answers])
    assert without.forgetting == ()
    assert [(each.base, each.tuned, each.tuned_right) for each in found.forgetting] == [("zero_shot", "fine_tuned", 1)]
    assert found.arms == without.arms
    assert [each.kind for each in found.arms[0].guardrails] == list(RULES)
    assert found.arms[0].labels is not None
    assert found.arms[0].labels.accuracy == 1
    printed = json.loads(json.dumps(summary_json(found)))
    assert printed["forgetting"][0]["interval"][1] < 0
    assert [len(rail["interval"]) for rail in printed["arms"][0]["guardrails"] if rail["n"]] == [2] * 3


def test_the_label_report_is_that_of_scikit_learn() -> None:
    draw = random.Random(7)  # noqa: S311 - made-up answers
    rows = [row(number, draw.choice(["red", "green", "blue"])) for number in range(60)]
    texts = [draw.choice(["red", "GREEN.", "blue", "I think it is red", "", '{"colour": "blue"}']) for _each in rows]
    found = label_report(LABEL, rows, [answer(number, text) for number, text in enumerate(texts)])
    assert found is not None
    read = {"GREEN.": "green", '{"colour": "blue"}': "blue", "red": "red", "blue": "blue"}
    right, given = [each.reference for each in rows], [read.get(text, OTHER) for text in texts]
    labels = ["red", "green", "blue"]
    assert found.columns == (*labels, OTHER)
    assert found.accuracy == pytest.approx(accuracy_score(right, given))
    assert found.macro_f1 == pytest.approx(f1_score(right, given, labels=labels, average="macro", zero_division=0))
    expected = confusion_matrix(right, given, labels=[*labels, OTHER])[:3]
    assert [list(counts) for counts in found.confusion] == expected.tolist()
    assert found.accuracy == pytest.approx(
        sum(grade(LABEL, one.reference, text).passed for one, text in zip(rows, texts, strict=True)) / len(rows)
    )


def test_unknown_labels_unread_and_failed_answers_are_other() -> None:
    plan = GraderPlan(kind="label", field="queue")
    rows = [row(number, '{"queue": "red"}') for number in range(4)]
    texts = ['{"queue": "RED"}', '{"queue": "pink"}', "red", ""]
    answers = [answer(number, text, error="lost" if not text else None) for number, text in enumerate(texts)]
    found = label_report(plan, rows, answers)
    assert found is not None
    assert (found.n, found.columns, found.confusion) == (4, ("red", OTHER), ((1, 3),))
    assert found.classes[0].precision == 1
    assert found.classes[0].recall == 0.25
    assert found.macro_f1 == pytest.approx(0.4)


def test_a_label_that_is_never_right_counts_in_the_table_and_not_in_the_mean() -> None:
    found = label_report(LABEL, [row(1, "red")], [answer(1, "blue")])
    assert found is not None
    assert [(each.label, each.support, each.answered) for each in found.classes] == [
        ("red", 1, 0),
        ("green", 0, 0),
        ("blue", 0, 1),
    ]
    assert found.macro_f1 == 0


def test_a_label_called_other_stays_apart() -> None:
    plan = GraderPlan(kind="label", labels=("(other)", "red"))
    found = label_report(plan, [row(1, "(other)"), row(2, "red")], [answer(1, "(other)"), answer(2, "what?")])
    assert found is not None
    assert (found.columns, found.confusion) == (('"(other)"', "red", OTHER), ((1, 0, 0), (0, 0, 1)))


def test_there_is_no_label_report_without_labels_or_answers() -> None:
    assert label_report(CONTAINS, [row(1, "red")], [answer(1, "red")]) is None
    assert label_report(LABEL, [row(1, "red")], []) is None
