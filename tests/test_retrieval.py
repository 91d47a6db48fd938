"""Looking questions up in documents: reading, cutting, finding, and what of it reaches a prompt."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ftdecide.dataset.tokens import encoder, encoding_for
from ftdecide.errors import InputError
from ftdecide.experiment.arm_plan import uses_retrieval
from ftdecide.experiment.graders import grade
from ftdecide.experiment.knowledge import Document, cut_passages, read_documents
from ftdecide.experiment.look_up import look_up_by_meaning
from ftdecide.experiment.messages import configuration_hash, examples_for, messages_for, training_chats
from ftdecide.experiment.plan import Experiment, arm_named, read_experiment
from ftdecide.experiment.retrieval import find_by_meaning, find_by_words
from ftdecide.experiment.rows import build_rows
from ftdecide.experiment.types import Row
from ftdecide.experiment.workload import count_work
from ftdecide.providers.base import Embeddings

ARMS = [
    {"kind": "zero_shot"},
    {"kind": "few_shot"},
    {"kind": "fine_tuned"},
    {"kind": "zero_shot", "retrieval": True},
    {"kind": "few_shot", "retrieval": True},
    {"kind": "fine_tuned", "retrieval": True},
]


def policies(**changes: object) -> Experiment:
    sample: dict[str, object] = {"data": {"sample": "company_policies"}, "retrieval": {}}
    return read_experiment({"schema_version": 1, **sample, "arms": ARMS, **changes})


def test_a_folder_is_read_with_its_folders_and_a_heading_is_the_title(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "leave.md").write_text("# Leave\n\nYou have 27 days.\n", encoding="utf-8")
    (tmp_path / "dress_code.txt").write_text("\ufeffWear what you like.", encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    found = read_documents(tmp_path)
    assert [(each.id, each.title) for each in found] == [("dress_code.txt", "dress code"), ("inner/leave.md", "Leave")]
    assert [each.text.strip() for each in found] == ["Wear what you like.", "You have 27 days."]


def test_a_file_of_lines_is_read_and_may_say_more_than_is_used(tmp_path: Path) -> None:
    lines = [{"id": "a", "title": "A", "text": "one", "owner": "HR"}, {"id": "b", "text": "two"}]
    (tmp_path / "documents.jsonl").write_text("\n\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert read_documents(tmp_path / "documents.jsonl") == (
        Document(id="a", title="A", text="one"),
        Document(id="b", title="", text="two"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}', "line 2: id 'a' is that of line 1"),
        ('{"id": "a", "text": "x"}\nhello', "line 2: no document"),
        ('{"id": 1, "text": "x"}', "line 1: no document"),
        ("", "hold no text"),
    ],
)
def test_documents_that_cannot_be_used_name_the_line_and_the_mend(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "documents.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_documents(tmp_path / "documents.jsonl")


def test_documents_that_are_not_there_or_not_utf_8_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere' cannot be read .*check the path"):
        read_documents(tmp_path / "nowhere")
    (tmp_path / "old.txt").write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match=r"old\.txt' is not UTF-8 \(byte 3\)"):
        read_documents(tmp_path)


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.text("ab .\n", max_size=300), st.integers(1, 12))
def test_passages_keep_every_word_in_order_and_their_length(text: str, most: int) -> None:
    passages = cut_passages([Document(id="d", text=text)], most)
    assert " ".join(passages).split() == text.split()
    assert all(0 < len(passage.split()) <= most for passage in passages)


def test_a_passage_begins_with_the_title_of_its_document() -> None:
    document = Document(id="d", title="Leave", text="One two.\n\nThree four.\n \nFive six seven.")
    assert cut_passages([document], 4) == ("Leave\nOne two.\nThree four.", "Leave\nFive six seven.")


def test_questions_find_passages_by_their_words_in_any_form_and_the_same_every_time() -> None:
    passages = ("The insurance pays for trips.", "Dogs may come on Fridays.", "The kitchen is cleaned daily.")
    questions = ["am I INSURED on a trip?", "two dogs?", "zebra", "", "!?"]
    found = find_by_words(passages, questions, 2)
    assert [each[:1] for each in found] == [passages[:1], passages[1:2], (), (), ()]
    assert found == find_by_words(passages, questions, 2)


@hypothesis_settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=6), st.text(max_size=30), st.integers(1, 8))
def test_no_text_whatever_breaks_the_search(passages: list[str], question: str, most: int) -> None:
    (found,) = find_by_words(tuple(passages), [question], most)
    assert len(found) <= most
    assert set(found) <= set(passages)


class Compass:
    """A provider whose vectors point where a text's first letter stands in the alphabet."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        assert model == "compass"
        self.asked.append(len(texts))
        angles = [math.pi * (ord(text[0]) - ord("a")) / 30 for text in texts]
        vectors = tuple((3 * math.cos(angle), 3 * math.sin(angle)) for angle in angles)
        return Embeddings(vectors=vectors, tokens=len(texts))


def test_questions_find_passages_by_meaning_where_the_provider_gives_vectors() -> None:
    provider = Compass()
    passages = tuple("abcdefghijklmnopqrstuvwxyz" * 3)
    found = find_by_meaning(provider, "compass", passages, ["b?", "z?"], 3)
    assert found == (("b", "b", "b"), ("z", "z", "z"))
    assert provider.asked == [64, 14, 2]


def test_vectors_that_do_not_fit_are_refused() -> None:
    class Broken:
        def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
            assert model
            return Embeddings(vectors=((1.0,),) * (len(texts) - 1), tokens=0)

    with pytest.raises(InputError, match="one vector"):
        find_by_meaning(Broken(), "m", ("a", "b"), ["c"], 1)


@pytest.fixture(scope="module")
def sample() -> tuple[Experiment, tuple[Row, ...], tuple[Row, ...]]:
    plan = policies()
    rows = build_rows(plan)
    return plan, rows.train, rows.test


def test_the_sample_s_documents_are_found_for_test_and_training_questions(
    sample: tuple[Experiment, tuple[Row, ...], tuple[Row, ...]],
) -> None:
    plan, train, test = sample
    assert all(len(row.passages) <= 3 for row in (*train, *test))
    asked = [row for row in test if not row.reference.startswith("Not stated")]
    found = sum(grade(plan.grader, row.reference, " ".join(row.passages)).passed for row in asked)
    assert found / len(asked) >= 0.7


def test_only_arms_with_retrieval_get_passages_and_training_sees_what_is_asked(
    sample: tuple[Experiment, tuple[Row, ...], tuple[Row, ...]],
) -> None:
    plan, train, test = sample
    for arm in plan.arms:
        last = messages_for(plan, arm, test[0])[-1]["content"]
        assert (test[0].passages[0] in last) == uses_retrieval(arm)
        assert last.endswith(test[0].prompt)
    arm = arm_named(plan, "fine_tuned_retrieval")
    chats = training_chats(plan, arm, train)
    assert chats[0][:-1] == messages_for(plan, arm, train[0])
    assert train[0].passages[0] in chats[0][-2]["content"]


@hypothesis_settings(max_examples=12, deadline=None)
@given(st.integers(0, 700))
def test_examples_and_passages_together_never_exceed_the_budget_of_any_arm(budget: int) -> None:
    plan = policies(prompt_budget_tokens=budget)
    rows = build_rows(plan.model_copy(update={"data": plan.data.model_copy(update={"test_rows": 5})}))
    count = encoder(encoding_for(plan.provider.model).encoding).count
    for arm in plan.arms:
        examples = examples_for(plan, arm, rows.train)
        for row in rows.test:
            bare = messages_for(plan, arm, row.model_copy(update={"passages": ()}))
            chat = messages_for(plan, arm, row, examples)
            added = sum(count(each["content"]) for each in chat) - sum(count(each["content"]) for each in bare)
            assert added <= budget
    assert all(arm.added_tokens <= budget for arm in count_work(plan, rows, 3).arms)


def test_the_estimate_of_a_prompt_is_what_is_sent(
    sample: tuple[Experiment, tuple[Row, ...], tuple[Row, ...]],
) -> None:
    plan, _train, _test = sample
    rows = build_rows(plan)
    count = encoder(encoding_for(plan.provider.model).encoding).count
    for work in count_work(plan, rows, 3).arms:
        arm = arm_named(plan, work.arm)
        examples = examples_for(plan, arm, rows.train)
        chats = [messages_for(plan, arm, row, examples) for row in rows.test]
        sent = sum(count(each["content"]) for chat in chats for each in chat)
        around = 4 * (sum(map(len, chats)) + len(chats))
        assert work.prompt_tokens == sent + around


def test_other_documents_are_another_configuration_and_for_arms_with_retrieval_alone(
    sample: tuple[Experiment, tuple[Row, ...], tuple[Row, ...]], tmp_path: Path
) -> None:
    plan, _train, _test = sample
    (tmp_path / "one.txt").write_text("Everything about leave, travel, smoking and tips.", encoding="utf-8")
    other = policies(retrieval={"documents": str(tmp_path)})
    rows, others = build_rows(plan), build_rows(other)
    assert rows.test_hash == others.test_hash
    changed = {
        arm.name
        for arm in plan.arms
        if configuration_hash(plan, arm, rows) != configuration_hash(other, arm_named(other, arm.name), others)
    }
    assert changed == {"zero_shot_retrieval", "few_shot_retrieval", "fine_tuned_retrieval"}


def test_by_meaning_passages_are_found_once_the_provider_is_there() -> None:
    plan = policies(
        retrieval={"method": "embeddings", "embedding_model": "compass"},
        data={"sample": "company_policies", "test_rows": 20, "train_rows": 20},
    )
    rows = build_rows(plan)
    assert rows.unread
    assert not any(row.passages for row in rows.test)
    work = count_work(plan, rows, 3)
    assert [(each.role, each.model) for each in work.other] == [("embed", "compass")]

    class Lengths:
        def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
            assert model == "compass"
            return Embeddings(vectors=tuple((1.0, float(len(text))) for text in texts), tokens=0)

    found = look_up_by_meaning(plan, rows, Lengths())
    assert not found.unread
    assert all(len(row.passages) == 3 for row in (*found.train, *found.test))
    assert look_up_by_meaning(plan, found, Compass()) == found


def test_retrieval_without_documents_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs documents; name them under retrieval"):
        read_experiment({"schema_version": 1, "data": {"sample": "support_tickets"}, "arms": [ARMS[3]]})
    line = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    (tmp_path / "train.jsonl").write_text(json.dumps(line), encoding="utf-8")
    (tmp_path / "test.jsonl").write_text(json.dumps(line).replace('"a"', '"c"'), encoding="utf-8")
    document: dict[str, object] = {
        "schema_version": 1,
        "title": "t",
        "data": {"train": "train.jsonl", "test": "test.jsonl"},
        "arms": [ARMS[3]],
        "grader": {"kind": "exact"},
        "retrieval": {},
    }
    with pytest.raises(InputError, match=r"retrieval\.documents is missing"):
        build_rows(read_experiment(document), tmp_path)
    with pytest.raises(InputError, match="go together"):
        read_experiment({**document, "retrieval": {"method": "embeddings"}})
