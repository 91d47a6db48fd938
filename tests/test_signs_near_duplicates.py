# ruff: noqa: S311 - made-up rows need no secrecy
import random
import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftdecide.dataset.signs.near_duplicates import NearDuplicates
from ftdecide.dataset.signs.shingles import BINS, sign_texts
from ftdecide.dataset.signs.thresholds import thresholds
from ftdecide.dataset.types import Example, Message

WORDS = ["".join(random.Random(seed).choices(string.ascii_lowercase, k=2 + seed % 8)) for seed in range(3000)]
SIMILARITY = thresholds().near_duplicates.similarity


def example(text: str, line: int, answer: str = "ok") -> Example:
    return Example((Message("user", text), Message("assistant", answer)), line)


def look(texts: list[str]) -> NearDuplicates:
    sign = NearDuplicates()
    for line, text in enumerate(texts):
        sign.add(line, example(text, line))
    return sign


def copies(texts: list[str]) -> dict[int, int]:
    return {copy.line: copy.earlier for copy in look(texts).copies()}


def runs(text: str) -> set[tuple[str, ...]]:
    words = [*text.split(), "ok"]
    return {tuple(words[place : place + 3]) for place in range(len(words) - 2)} or {tuple(words)}


def likeness(one: str, other: str) -> float:
    return len(runs(one) & runs(other)) / len(runs(one) | runs(other))


def made_up(rng: random.Random, count: int, words: int) -> list[str]:
    """Texts of which about a third are earlier ones with some words changed, added or left out."""
    texts: list[str] = []
    while len(texts) < count:
        if texts and rng.random() < 0.35:
            changed = rng.choice(texts).split()
            for _change in range(rng.choice([1, 1, 2, 3, 5, 8, 13])):
                # In a short text a change in the middle already makes it another one.
                place = rng.randrange(len(changed)) if words > 30 else rng.choice([0, len(changed)])
                changed[place : place + rng.randint(0, 1)] = rng.choices(WORDS, k=rng.randint(0, 2)) or ["new"]
            texts.append(" ".join(changed))
        else:
            texts.append(" ".join(rng.choices(WORDS, k=max(4, int(rng.gauss(words, words / 4))))))
    return texts


@pytest.mark.parametrize("words", [12, 25, 80, 300])
def test_against_brute_force_few_are_missed_and_few_are_wrong(words: int) -> None:
    texts = made_up(random.Random(words), 700, words)
    told = copies(texts)
    # What is like a copy alone stays, so that of each group one is kept: only those that stay count as earlier ones.
    nearest = [
        max((likeness(texts[n], texts[of]) for of in range(n) if of not in told and texts[of] != texts[n]), default=0.0)
        for n in range(len(texts))
    ]
    clear = {n for n, value in enumerate(nearest) if value >= SIMILARITY + 0.06 and texts[n] not in texts[:n]}
    assert len(clear) > 20
    # Recall on those clearly alike, precision with the tolerance of an estimate by 128 samples.
    assert len(clear & told.keys()) >= 0.97 * len(clear)
    assert sum(likeness(texts[n], texts[of]) >= SIMILARITY - 0.1 for n, of in told.items()) >= 0.99 * len(told)
    assert sum(nearest[n] >= SIMILARITY for n in told) >= 0.9 * len(told)


def test_likeness_is_estimated_without_bias() -> None:
    rng = random.Random(1)
    errors = []
    for _pair in range(200):
        words = rng.choices(WORDS, k=150)
        changed = [rng.choice(WORDS) if rng.random() < 0.04 else word for word in words]
        one, other = sign_texts([" ".join(words), " ".join(changed)])
        estimate = np.count_nonzero((one == other) & (one != 0)) / np.count_nonzero(one | other)
        left = {tuple(words[n : n + 3]) for n in range(148)}
        right = {tuple(changed[n : n + 3]) for n in range(148)}
        errors.append(estimate - len(left & right) / len(left | right))
    assert abs(np.mean(errors)) < 0.01
    assert np.std(errors) < 0.04


def test_case_punctuation_and_spaces_make_no_difference() -> None:
    texts = [
        "Where is my parcel number nine?",
        "where  is my “parcel”, number nine",
        "Something else entirely, as it seems.",
    ]
    assert copies(texts) == {1: 0}


def test_texts_the_same_to_the_letter_are_left_to_another_finding() -> None:
    assert copies(["the very same words again", "the very same words again"]) == {}


def test_short_texts_that_differ_in_a_word_are_not_alike() -> None:
    assert (
        copies(["cable 3 pcs", "cable 4 pcs", "set of 12", "I want a refund", "I want a receipt", "yes", "no", "?"])
        == {}
    )


def test_a_template_around_different_texts_is_no_likeness() -> None:
    rng = random.Random(2)
    template = " ".join(rng.choices(WORDS, k=150))
    texts = [f"{template} {' '.join(rng.choices(WORDS, k=20))}" for _row in range(100)]
    assert copies(texts) == {}
    texts.append(texts[5].replace(texts[5].split()[-9], "changed"))
    assert copies(texts) == {100: 5}


def test_scripts_without_spaces_are_compared_by_their_signs() -> None:
    one = "荷物はまだ届いていません。追跡番号を確認してから、もう一度ご連絡いただけますか。よろしくお願いいたします。"
    other = "請求書の宛名を変更したいのですが、どこから手続きをすればよいでしょうか。会社名が変わりました。"
    assert copies([one, other, one.replace("まだ", "未だ"), other + "急ぎ"]).keys() == {2, 3}


def test_of_every_group_one_is_kept() -> None:
    rng = random.Random(4)
    base = rng.choices(WORDS, k=100)
    texts = []
    for _row in range(60):
        changed = list(base)
        changed[rng.randrange(100)] = rng.choice(WORDS)
        texts.append(" ".join(changed))
    texts += [" ".join(rng.choices(WORDS, k=100)) for _row in range(80)]
    told = copies(texts)
    assert len(told) >= 55
    assert not set(told.values()) & told.keys()


@given(st.lists(st.text(max_size=80), max_size=30))
@settings(deadline=None)
def test_any_text_has_a_signature_that_depends_on_it_alone(texts: list[str]) -> None:
    together = sign_texts(texts)
    assert together.shape == (len(texts), BINS)
    for text, signature in zip(texts, together, strict=True):
        assert (sign_texts([text])[0] == signature).all()


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(0, 60), st.integers(1, 20))
@settings(deadline=None, max_examples=50)
def test_parts_joined_are_the_whole_also_beyond_the_sample(kinds: list[int], cut: int, size: int) -> None:
    def small() -> NearDuplicates:
        sign = NearDuplicates()
        sign._rule = sign._rule.model_copy(update={"examples_compared": 2 * size, "examples_sampled": size})
        return sign

    whole, first, second = small(), small(), small()
    for line, kind in enumerate(kinds):
        one = example(f"{' '.join(WORDS[kind * 20 : kind * 20 + 20])}{'!' * (line % 7)}", line)
        whole.add(line, one)
        (first if line < cut else second).add(line, one)
        if line % 3 == 0:
            whole.copies()  # brings the sample up to date, which changes nothing
    first.merge(second)
    assert first.copies() == whole.copies()
    assert list(first.finish()) == list(whole.finish())


def test_what_most_texts_share_is_a_template_even_if_little_else_differs() -> None:
    template = " ".join(WORDS[:120])
    assert copies([f"{template} word {WORDS[500 + row]}" for row in range(60)]) == {}


def test_beyond_the_limit_a_sample_is_compared_and_the_text_says_so() -> None:
    sign = NearDuplicates()
    sign._rule = sign._rule.model_copy(update={"examples_compared": 200, "examples_sampled": 100})
    rng = random.Random(6)
    for line in range(1000):
        sign.add(
            line,
            example(" ".join(WORDS[:40]) + "!" * line if line % 3 == 0 else " ".join(rng.choices(WORDS, k=20)), line),
        )
    (finding,) = sign.finish()
    assert finding.code == "near_duplicate_sampled"
    assert "sample of 100 (of 1,000)" in finding.text
    assert 20 <= finding.count <= 45
    # The sample is not the beginning of the file.
    assert max(copy.line for copy in sign.copies()) > 800
