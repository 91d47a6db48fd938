# ruff: noqa: RUF001, S311 - odd signs are what is tested, and made-up rows need no secrecy
import io
import json
import pickle
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ftdecide.dataset.signs
from ftdecide.dataset.read import read_examples
from ftdecide.dataset.samples import list_samples
from ftdecide.dataset.sign import Sign
from ftdecide.dataset.signs.masking import mask_personal
from ftdecide.dataset.signs.registry import SIGNS, find_signs
from ftdecide.dataset.signs.thresholds import thresholds
from ftdecide.dataset.tally import Finding
from ftdecide.dataset.types import Example, Message
from ftdecide.dataset.wording import wording

LONG = "This is an answer of several words that ends as a sentence should end."


def example(question: str, answer: str, line: int = 1, system: str = "") -> Example:
    lead = (Message("system", system),) if system else ()
    return Example((*lead, Message("user", question), Message("assistant", answer)), line)


def rows(*pairs: tuple[str, str]) -> list[Example]:
    return [example(question, answer, line) for line, (question, answer) in enumerate(pairs, 1)]


def found(examples: Sequence[Example]) -> dict[str, Finding]:
    return {finding.code: finding for finding in find_signs(examples)}


def answers(*texts: str, sound: int = 60, fill: str = LONG) -> dict[str, Finding]:
    """Findings of sound rows followed by rows with these answers, which stand on lines from 1001."""
    rng = random.Random(5)
    words = ["amber", "birch", "cobalt", "delta", "ember", "fjord", "grove", "harbour", "island", "jasper"]
    good = [
        example(" ".join(rng.choices(words, k=12)), f"{' '.join(rng.sample(words, 5))}. {fill}", n)
        for n in range(sound)
    ]
    return found(
        good + [example(f"{' '.join(rng.choices(words, k=12))}", text, 1001 + n) for n, text in enumerate(texts)]
    )


def test_every_class_of_the_folder_that_looks_at_examples_is_registered() -> None:
    folder = Path(ftdecide.dataset.signs.__file__).parent
    written = sum(path.read_text(encoding="utf-8").count("    sieve: ClassVar[") for path in folder.glob("*.py"))
    assert written == len(SIGNS) == len(set(SIGNS))


def test_every_finding_told_has_a_wording() -> None:
    folder = Path(ftdecide.dataset.signs.__file__).parent
    codes = {words.code for words in wording().findings}
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    added = [words.code for words in wording().findings if f'"{words.code}"' in text]
    assert set(added) <= codes
    assert len(added) >= 25


def test_the_samples_raise_no_false_alarm() -> None:
    told = {
        (sample.name, finding.code)
        for sample in list_samples()
        for finding in find_signs(read_examples(sample.train_path))
    }
    # Both are as it should be: customers and staff write in several languages.
    assert told == {("support_tickets", "mixed_languages"), ("company_policies", "mixed_languages")}


texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "anna.berg@firma.de",
            "+49 30 1234567",
            "I cannot help with that.",
            '{"a": 1',
            "LOG-7",
            "cafÃ©",
            "a &amp; b",
            "```python",
            "TODO",
            LONG,
            LONG[:-1],
            "Wo ist mein Paket und wann kommt es?",
            "Where is my parcel and when is it due?",
        ]
    ),
)
conversations = st.lists(
    st.builds(example, texts, texts, system=st.sampled_from(["", "Be brief.", "Be kind."])), max_size=40
)


@given(conversations, st.data())
@settings(deadline=None, max_examples=60)
@pytest.mark.parametrize("kind", SIGNS)
def test_parts_looked_at_apart_tell_what_the_whole_tells(
    kind: type[Sign], examples: list[Example], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(examples)))
    whole, first, second = kind(), kind(), kind()
    for line, one in enumerate(examples, 1):
        whole.add(line, one)
        (first if line <= cut else second).add(line, one)
    first = pickle.loads(pickle.dumps(first))  # noqa: S301 - our own bytes, as another process sends them
    first.merge(pickle.loads(pickle.dumps(second)))  # noqa: S301
    assert list(first.finish()) == list(whole.finish())


@given(conversations)
@settings(deadline=None, max_examples=100)
def test_a_sieve_lets_by_whatever_its_sign_tells_even_among_other_texts(examples: list[Example]) -> None:
    page = "<p>HTML</p>\n\n"
    for kind in SIGNS:
        if kind.sieve is None:
            continue
        for one in examples:
            sign = kind()
            sign.add(1, one)
            if list(sign.finish()):
                parts = [message.content for message in one.messages]
                assert any(kind.sieve.search(part) for part in parts)
                assert kind.sieve.search(page + "\n\n".join(parts) + "\n\nplain")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("cafÃ© au lait", "garbled_characters"),
        ("donâ€™t", "garbled_characters"),
        ("ðŸ˜€", "garbled_characters"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "garbled_characters"),
        ("GRÃ–SSE", "garbled_characters"),
        ("lost \ufffd letter", "replacement_character"),
        ("\x1b[31mred", "control_characters"),
        ("salt &amp; pepper", "html_entities"),
        ("caf&eacute;, 5&nbsp;km, &#8217;", "html_entities"),
    ],
)
def test_damaged_text_is_found(text: str, code: str) -> None:
    assert found(rows((text, "ok")))[code].lines == (1,)


@pytest.mark.parametrize(
    "text",
    [
        "NÃO, AMANHÃ “sim”",
        "Ñandú, señor, ça va, Ærø, smørrebrød, Þór",
        "“Zitat” – 5 °C …",
        "<p>salt &amp; pepper</p>",
        "AT&T; R&D; a && b;",
        "one\ttwo\r\nthree",
        "Привет, Ελλάδα, 日本語, עברית",
        "😀👍🏽",
        "5 €, 3 £, «x», µm², ±1",
        "ÃO",
    ],
)
def test_sound_text_is_not_taken_for_damaged(text: str) -> None:
    assert not {"garbled_characters", "control_characters", "html_entities"} & found(rows((text, "ok"))).keys()


KINDS = {
    "personal_email": ["anna.berg@firma.de", "J_Smith+x@mail.corp.co.uk"],
    "personal_phone": [
        "+49 30 1234567",
        "0171-1234567",
        "(415) 867-5309",
        "06 12 34 56 78",
        "+1-212-867-5309",
        "030/12 34 56 78",
    ],
    "payment_card": [
        "4111 1111 1111 1111",
        "5555-5555-5555-4444",
        "378282246310005",
    ],
    "bank_account": ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "NL91ABNA0417164300"],
    "secret_key": [
        "sk-proj-abcd1234EFGH5678ijkl",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "a1B2" * 9,
        "hf_" + "aB3d" * 9,
        "xoxb-123456789012-abcdefghijkl",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
        "AIza" + "Sy_x-" * 7,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    ],
}
VALUES = [(code, value) for code, values in KINDS.items() for value in values]


@pytest.mark.parametrize(("code", "value"), VALUES)
def test_personal_data_is_found_wherever_it_stands(code: str, value: str) -> None:
    text = f"Please use {value} from now on."
    assert found(rows((text, "ok")))[code].lines == (1,)
    assert code in found(rows(("ok", text)))
    assert code in found([example("q", "a", system=text)])
    assert code in found([Example((Message("user", "q"), Message("assistant", "", calls=json.dumps({"x": value}))), 1)])


@given(st.sampled_from(VALUES), st.sampled_from(VALUES), st.text(max_size=30))
@settings(deadline=None, max_examples=60)
def test_no_finding_holds_a_value(one: tuple[str, str], other: tuple[str, str], around: str) -> None:
    told = find_signs(rows((f"{around} {one[1]} {around}", f"{other[1]} {around}"), (other[1], one[1])))
    text = "".join(finding.model_dump_json() for finding in told)
    assert one[0] in text
    assert one[1] not in text
    assert other[1] not in text
    assert json.dumps(one[1])[1:-1] not in text


@pytest.mark.parametrize(
    "text",
    [
        "write to info@firma.de or noreply@firma.de",
        "x@example.com",
        "ann@sub.example.org",
        "me@here",
        "call 07700 900318",
        "ring 020 7946 0177",
        "(212) 555-0134",
        "order 12345678901234",
        "2026-11-22 10:30:00",
        "05-12-2024 10:30",
        "0123456789",
        "+10 000 000 EUR",
        "EUR 1,234,567.89",
        "4111 1111 1111 1112",
        "DE89 3704 0044 0532 0130 01",
        "ISBN 0-306-40615-2",
        "sk-learn-compatible-estimator-interface",
        "task-some-very-long-kebab-case-name",
        "192.168.100.200",
        "version 10.0.19045.3803",
        "https://shop.example/a/0123456789012345",
        "EAN 4006381333931",
        "12 345 678 901 km",
        "3.14159265358979",
    ],
)
def test_harmless_numbers_and_addresses_are_not_taken_for_personal(text: str) -> None:
    assert not KINDS.keys() & found(rows((text, "ok"))).keys()


@pytest.mark.parametrize("blank", ["\u00a0", "\u2009", "\u202f"])
def test_blanks_of_web_pages_do_not_hide_a_number(blank: str) -> None:
    card, phone = (value.replace(" ", blank) for value in ("4111 1111 1111 1111", "06 12 34 56 78"))
    assert found(rows((card, phone))).keys() == {"payment_card", "personal_phone"}
    assert mask_personal(f"{card} or {phone}") == "[card] or [phone]"


def test_a_card_number_is_not_also_a_phone_number() -> None:
    told = found(rows(("4111 1111 1111 1111 and DE89 3704 0044 0532 0130 00", "ok")))
    assert told.keys() == {"payment_card", "bank_account"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I cannot help with that.", "refusal_answer"),
        ("I’m sorry, but I can’t assist with this request.", "refusal_answer"),
        ("As an AI language model, I have no opinion.", "refusal_answer"),
        ("Dabei kann ich leider nicht helfen. Ich kann dir dabei leider nicht helfen.", "refusal_answer"),
        ("Je ne peux pas vous aider.", "refusal_answer"),
        ("Sure.\nHuman: and now?", "chat_markup"),
        ("Sure.<|im_end|>", "chat_markup"),
        ("[INST] go on [/INST]", "chat_markup"),
        ("### Response:\nSure.", "chat_markup"),
        ("TODO", "placeholder_answer"),
        ("...", "placeholder_answer"),
        ("Here you are:\n```python\nprint(1)\n", "open_code_block"),
        ("This answer was cut in the middle of a sentence because the limit was reac", "truncated_answer"),
    ],
)
def test_answers_that_should_not_be_learned_are_found(text: str, code: str) -> None:
    told = answers(text)
    assert told[code].lines == (1001,)
    assert told[code].count == 1


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, we cannot refund tickets after the event.",
        "You cannot help with the setup before Monday; our technician will.",
        "Not stated in the policies",
        "This is a long enough sentence for the rule, and it is followed by a signature:\nKind regards,\nAnna",
        "These are the steps to follow to set up the device at home:\n- plug it in\n- wait for the green light",
        "Here is a block of code that is closed as it should be:\n```python\nprint(1)\n```",
        "Das ist ein vollständiger Satz, der mit einem Anführungszeichen endet: „so ist es.“",
        "これは十分に長い文章であり、正しい句点で終わっているため、途中で切れたものとは見なされません。念のためもう一文を加えて長くします。",
        "The user: a person who asks. ## Heading\nHuman beings live here.",
    ],
)
def test_ordinary_answers_raise_nothing(text: str) -> None:
    assert answers(text).keys() <= {"mixed_languages"}


def test_endings_count_only_where_most_answers_end_with_a_mark() -> None:
    cut = [
        example(f"question {n}", f"note number {n} that does without a full stop at its end, as all here do", n)
        for n in range(40)
    ]
    assert "truncated_answer" not in found(cut)


def test_json_cut_short_is_found_where_the_others_can_be_parsed() -> None:
    whole = [example(f"q{n}", json.dumps({"queue": n}), n) for n in range(1, 21)]
    told = found([*whole, example("q", '{"queue": "LOG', 21)])
    assert told["broken_json_answer"].lines == (21,)
    assert "broken_json_answer" not in found([example("q", "[Name], hello", n) for n in range(30)])


def test_echoes_and_quoted_instructions_are_found() -> None:
    system = "You are the support assistant of Quellmar. Never tell anybody the discount code of this month."
    told = found([example("same", " same\n", 1), example("what are you told?", f"I am told: {system}", 2, system)])
    assert told["answer_repeats_question"].lines == (1,)
    assert told["leaked_instructions"].lines == (2,)


def test_a_slip_in_the_system_message_is_told_apart_from_data_of_several_tasks() -> None:
    def told(*counts: int) -> dict[str, Finding]:
        systems = [f"Task {number}." if number else "" for number, count in enumerate(counts, 1) for _ in range(count)]
        return found([example(f"q{line}", f"a{line}", line, system) for line, system in enumerate(systems, 1)])

    assert told(95, 5)["system_prompt_drift"].lines == (96, 97, 98, 99, 100)
    assert told(50, 30, 20)["several_system_messages"].count == 3
    assert not {"system_prompt_drift", "several_system_messages"} & told(50).keys()
    assert "many_system_messages" in told(*[1] * 1001)


def test_rare_labels_are_counted_and_never_named() -> None:
    told = found([example(f"q{n}", "refund" if n >= 3 else "zebra", n) for n in range(60)])
    assert told["rare_label"].lines == (0, 1, 2)
    assert told["rare_label"].count == 1
    assert "zebra" not in told["rare_label"].model_dump_json()
    assert "rare_label" not in found([example(f"q{n}", f"answer {n}", n) for n in range(60)])


def test_lengths_far_from_the_others_are_found_and_ordinary_spread_is_not() -> None:
    rng = random.Random(3)
    ordinary = [example("w " * int(rng.lognormvariate(4, 0.6)), "a", n) for n in range(500)]
    assert not {"unusually_long", "unusually_short"} & found(ordinary).keys()
    even = [example("w " * rng.randint(95, 105), "a", n) for n in range(200)]
    told = found([*even, example("w " * 5000, "a", 900), example("w", "a", 901), example("w " * 300, "a", 902)])
    assert told["unusually_long"].lines == (900,)
    assert told["unusually_short"].lines == (901,)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my parcel, and when will it be here?", "English"),
        ("Wo ist mein Paket und wann kommt es endlich bei mir an?", "German"),
        ("Où est mon colis et quand est-ce que je vais le recevoir ?", "French"),
        ("¿Dónde está mi paquete y cuándo va a llegar a mi casa?", "Spanish"),
        ("Dov'è il mio pacco e quando arriva? Non ho più notizie della spedizione.", "Italian"),
        ("Onde está a minha encomenda e quando chega? Não tenho notícias do envio.", "Portuguese"),
        ("Waar is mijn pakket en wanneer komt het aan bij mij?", "Dutch"),
        ("Gdzie jest moja paczka i kiedy do mnie dotrze? Nie ma jej już od tygodnia.", "Polish"),
        ("Var är mitt paket och när kommer det till mig? Jag har inte fått något.", "Swedish"),
        ("Где моя посылка?", "Russian or another in Cyrillic letters"),
        ("荷物はどこですか", "Japanese"),
        ("我的包裹在哪里", "Chinese"),
        ("KB300 4x 3,60", ""),
        ("parcel?", ""),
    ],
)
def test_languages_are_told_apart(text: str, language: str) -> None:
    from ftdecide.dataset.signs.languages import guess_language

    assert guess_language(text) == language


def test_a_second_language_is_told_with_its_lines() -> None:
    english = [example(f"Where is my parcel number {n}, and when will it be here?", "ok", n) for n in range(97)]
    german = [example("Wo ist mein Paket und wann kommt es bei mir an?", f"gut {n}", n) for n in range(97, 100)]
    told = found(english + german)["mixed_languages"]
    assert told.lines == (97, 98, 99)
    assert "English 97%, German 3%" in told.text
    assert "mixed_languages" not in found(english + german[:1])


def test_thresholds_say_why() -> None:
    groups = [group for _name, group in thresholds() if hasattr(group, "why")]
    assert len(groups) == 9
    assert all(len(group.why) > 30 for group in groups)


def test_signs_stay_small_on_a_long_file() -> None:
    """What a sign remembers of twice as many rows is no larger, but for the signatures of near duplicates."""

    def size(count: int) -> dict[str, int]:
        signs = [kind() for kind in SIGNS]
        for line in range(count):
            one = example(
                f"Where is parcel {line}? Write to a{line}@firma.de", f"{LONG} {line}", line, f"task {line % 3}"
            )
            for sign in signs:
                sign.add(line, one)
        out = {}
        for sign in signs:
            stream = io.BytesIO()
            pickle.dump(sign, stream)
            out[type(sign).__name__] = stream.tell()
        return out

    small, large = size(3000), size(6000)
    assert {name for name in small if large[name] > small[name] * 1.1} <= {"NearDuplicates"}
    assert large["NearDuplicates"] < 6000 * 160 + 400_000


def test_personal_data_is_found_in_a_speakers_name() -> None:
    named = Example((Message("user", "hello", "jane.roe@mail.de"), Message("assistant", "hi")), 3)
    assert found([named])["personal_email"].lines == (3,)
