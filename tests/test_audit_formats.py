"""Shapes of rows, weights, tools, preference pairs, and what providers accept."""

import io
import json

import pytest

from ftdecide.dataset.checks import Audit, audit
from ftdecide.dataset.jsonl import parse_line
from ftdecide.dataset.limits import default_epochs, find_limits
from ftdecide.dataset.tokens import encoder
from ftdecide.dataset.types import Example, Message, Problem
from ftdecide.errors import NotFoundError

USER = {"role": "user", "content": "How warm is it?"}
WARM = {"role": "assistant", "content": "Warm."}
COLD = {"role": "assistant", "content": "Cold."}
CALL = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]}
RESULT = {"role": "tool", "tool_call_id": "1", "content": "21"}


def parsed(line: object) -> Example | Problem:
    return parse_line(json.dumps(line), 1)


def run(*lines: object, model: str | None = None, provider: str | None = None) -> Audit:
    raw = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    return audit(io.BytesIO(raw), name="train.jsonl", model=model, provider=provider)


def codes(*messages: object) -> set[str]:
    size = {"too_few_examples", "tools_estimated"}
    return {finding.code for finding in run({"messages": list(messages)}).findings} - size


PREFERENCE = Example((Message(**USER), Message(**WARM)), 1, "", (Message(**COLD),))


@pytest.mark.parametrize(
    "line",
    [
        {"input": {"messages": [USER]}, "preferred_output": [WARM], "non_preferred_output": [COLD]},
        {"prompt": [USER], "chosen": [WARM], "rejected": [COLD]},
        {"prompt": USER["content"], "chosen": WARM["content"], "rejected": COLD["content"]},
        {"chosen": [USER, WARM], "rejected": [USER, COLD]},
    ],
)
def test_a_preference_pair_is_read_however_it_is_written(line: object) -> None:
    assert parsed(line) == PREFERENCE


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"input": {"messages": [USER]}, "preferred_output": [WARM]}, "missing_preference"),
        ({"prompt": "x", "chosen": "", "rejected": "b"}, "missing_preference"),
        ({"preferred_output": [WARM], "non_preferred_output": [COLD]}, "missing_messages"),
        ({"prompt": "x", "chosen": 3, "rejected": "b"}, "wrong_type"),
        ({"messages": [USER, {**WARM, "weight": 2}]}, "wrong_weight"),
        ({"messages": [USER, {**WARM, "weight": True}]}, "wrong_weight"),
        ({"messages": [{**USER, "weight": 0}, WARM]}, "wrong_weight"),
    ],
)
def test_a_row_that_lacks_something_is_named(line: object, code: str) -> None:
    found = parsed(line)
    assert isinstance(found, Problem)
    assert found.code == code


def test_prompt_and_completion_may_be_lists_of_messages() -> None:
    assert parsed({"prompt": [USER], "completion": [WARM]}) == Example((Message(**USER), Message(**WARM)), 1)


def test_both_answers_of_a_preference_pair_are_counted() -> None:
    pair = {"prompt": [USER], "chosen": [WARM], "rejected": [COLD]}
    count = encoder("o200k_base").count
    alone = run({"messages": [USER, WARM]}).tokens.total
    assert run(pair).tokens.total == alone + count(COLD["content"]) + count("assistant") + 3
    assert "preference_pairs" in {finding.code for finding in run(pair).findings}


def test_answers_of_weight_0_are_not_learned() -> None:
    first = {**COLD, "weight": 0}
    learned = run({"messages": [USER, first, USER, {**WARM, "weight": 1}]}).tokens
    assert learned.assistant == encoder("o200k_base").count(WARM["content"])
    assert "nothing_learned" in codes(USER, first)
    assert "nothing_learned" not in codes(USER, first, USER, WARM)


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([USER, RESULT, WARM], "result_without_call"),
        ([USER, CALL, WARM], "call_without_result"),
        ([USER, {"role": "system", "content": "x"}, WARM], "late_instructions"),
        ([USER, USER, WARM], "same_role_twice"),
        ([USER, WARM, COLD], "same_role_twice"),
    ],
)
def test_an_order_that_providers_refuse_is_found(messages: list[object], code: str) -> None:
    assert codes(*messages) - {"same_role_twice"} == {code} - {"same_role_twice"}
    assert code in codes(*messages)


def test_tools_in_their_order_are_no_fault() -> None:
    assert codes({"role": "system", "content": "x"}, USER, CALL, RESULT, RESULT, WARM) == set()
    assert codes(USER, CALL) == set()


def test_a_pair_with_the_same_answer_twice_teaches_nothing() -> None:
    found = {finding.code for finding in run({"prompt": "q", "chosen": "a", "rejected": "a "}).findings}
    assert "same_preference" in found


def test_two_formats_in_one_file_are_named_with_the_rarer_one() -> None:
    pair = {"prompt": "q", "chosen": "a", "rejected": "b"}
    finding = next(
        finding for finding in run(*[{"messages": [USER, WARM]}] * 3, pair).findings if finding.code == "mixed_formats"
    )
    assert (finding.severity, finding.count) == ("error", 1)


def test_the_limits_of_the_models_providers_are_those_of_the_catalogue() -> None:
    limits = find_limits("gpt-4.1-2025-04-14")
    assert limits.minimum_examples == (10, "OpenAI")
    assert limits.recommended_examples == 50
    assert limits.file_mb
    assert limits.file_mb.value == 512
    assert find_limits(None, "fireworks").minimum_examples.value == 3


def test_a_limit_for_one_model_is_not_another_ones() -> None:
    tokens = find_limits("gemini-2.5-flash", "google").example_tokens
    assert tokens
    assert tokens.value == 131_072
    assert find_limits("google/gemini-2.5-flash-001", "google").example_tokens == tokens
    assert find_limits("gemini-2.5-pro", "google").example_tokens is None
    assert find_limits("gemini-2.5-flash-lite", "google").example_tokens is None


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        find_limits("gpt-4.1", "nobody")


def test_default_epochs_stay_within_what_the_provider_takes() -> None:
    assert default_epochs(10, find_limits(None)) == 10
    assert default_epochs(10, find_limits(None, "bedrock")) == 5


def test_too_many_examples_and_too_large_a_file_name_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = find_limits("gemini-2.5-flash", "google")
    assert limits.maximum_examples
    assert limits.file_mb
    small = limits._replace(
        maximum_examples=limits.maximum_examples._replace(value=2), file_mb=limits.file_mb._replace(value=0)
    )
    monkeypatch.setattr("ftdecide.dataset.checks.find_limits", lambda _model, _provider: small)
    found = {finding.code: finding.text for finding in run(*[{"messages": [USER, WARM]}] * 3).findings}
    assert "2 at most" in found["too_many_examples"]
    assert limits.file_mb.provider in found["file_too_large"]


def preference(preferred: list[object], rejected: list[object]) -> set[str]:
    pair = {"input": {"messages": [USER]}, "preferred_output": preferred, "non_preferred_output": rejected}
    return {finding.code for finding in run(pair).findings}


def test_answers_of_several_turns_are_compared_as_a_whole() -> None:
    assert "same_preference" not in preference([WARM, USER, WARM], [COLD, USER, WARM])
    assert "same_preference" in preference([WARM, USER, WARM], [WARM, USER, WARM])


def test_the_rejected_answer_is_the_assistants_too() -> None:
    assert "last_not_assistant" in preference([WARM], [USER])
    assert "last_not_assistant" not in preference([WARM], [COLD])
