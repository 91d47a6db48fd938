# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# scikit-learn ships no types; what comes out of it passes through str() here.
"""The classical arm: word statistics and logistic regression, trained in about a second, no language model."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import cast

from ftdecide.experiment.arm_plan import ArmPlan
from ftdecide.experiment.identity import normalise
from ftdecide.experiment.messages import configuration_hash
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import Answer, Row, Rows

# Light regularisation: with TF-IDF rows of length one the usual 1.0 pulls small classes to the largest one.
INVERSE_REGULARISATION = 10.0


def answer_classically(experiment: Experiment, arm: ArmPlan, rows: Rows) -> tuple[Answer, ...]:
    """Return this arm's answer to every test row, learnt from the training rows alone; the same every time.

    An answer has the form of the references, so the same grader judges it; its latency is that of one row by itself.
    """
    predict = train_classifier(rows.train)
    configuration = configuration_hash(experiment, arm, rows)
    answers: list[Answer] = []
    for row in rows.test:
        started = time.perf_counter()
        text = predict(row.prompt)
        latency_ms = (time.perf_counter() - started) * 1000
        answers.append(
            Answer(arm=arm.name, item=row.item, text=text, latency_ms=latency_ms, configuration=configuration)
        )
    return tuple(answers)


def train_classifier(train: Sequence[Row]) -> Callable[[str], str]:
    """Return a function from a question to the answer that its words point to.

    TF-IDF over single words and pairs and over 3 to 5 letters within words, then multinomial logistic regression.
    With a single answer in the training rows, it is always that one.
    """
    written = {normalise(row.reference): row.reference for row in reversed(train)}
    labels = [written[normalise(row.reference)] for row in train]
    if len(Counter(labels)) == 1:
        return lambda _question: labels[0]

    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    model = make_pipeline(make_union(words, letters), LogisticRegression(C=INVERSE_REGULARISATION, max_iter=1000))
    # A question without any letter would leave nothing to count; the constant word gives every row at least one.
    model.fit([_countable(row.prompt) for row in train], labels)
    predict = cast("Callable[[list[str]], Sequence[str]]", model.predict)
    return lambda question: str(predict([_countable(question)])[0])


def _countable(text: str) -> str:
    return f"{normalise(text)} question"
