"""What pairs of answers show: the judge's verdicts, corrected by what people said of a random part of them."""

from collections.abc import Mapping, Sequence

from ftdecide.experiment.judge.pairs import AnswerPair
from ftdecide.experiment.judge.types import Judgement, Spent, Verdict
from ftdecide.experiment.judge.words import headline, notes_on
from ftdecide.experiment.prediction_powered import LEAST_KAPPA, agree, correct_judge, flip_rate
from ftdecide.experiment.statistics import LEAST_ITEMS


def judge_pairs(
    pairs: Sequence[AnswerPair],
    verdicts: Mapping[str, Verdict],
    labels: Mapping[str, float],
    *,
    model: str | None = None,
    spent: Spent | None = None,
) -> Judgement | None:
    """Return what `pairs`, all of one contrast, show; verdicts and labels are by digest. None without a pair.

    With fewer than 15 labels there is no interval. Verdicts count once every pair has one.
    """
    if not pairs:
        return None
    spent = spent or Spent()
    open_pairs = [pair for pair in pairs if pair.settled is None]
    found = {pair.digest: verdicts[pair.digest] for pair in open_pairs if pair.digest in verdicts}
    read = [(a, b) for a, b in found.values() if a is not None and b is not None]
    complete = model is not None and len(found) == len(open_pairs)
    said = [_said(pair, found) for pair in pairs]
    human = [labels.get(pair.digest) for pair in pairs]
    corrected = correct_judge(said if complete else [0.0] * len(pairs), human)
    kappa = _agreement(open_pairs, found, labels)
    secondary = kappa is not None and kappa < LEAST_KAPPA
    flips = flip_rate([each[0] for each in read], [each[1] for each in read]) if read else None
    naive = sum(said) / len(said) if complete else None
    ours = sum(pair.digest in labels for pair in open_pairs)
    result = Judgement(
        arm=pairs[0].arm,
        baseline=pairs[0].baseline,
        model=model,
        n=len(pairs),
        settled=len(pairs) - len(open_pairs),
        judged=len(found),
        unreadable=len(found) - len(read),
        unjudged=len(open_pairs) - len(found) if model is not None else 0,
        ties=sum(each.merged == 0 for each in found.values()),
        flip_rate=flips[0] if flips else None,
        flip_interval=flips[1] if flips else None,
        labelled=ours,
        kappa=kappa,
        secondary=secondary,
        naive=naive,
        by_people=corrected.by_people if corrected else None,
        difference=corrected.difference if corrected else naive,
        interval=corrected.interval if corrected else None,
        p_value=corrected.p_value if corrected else None,
        calls=spent.calls,
        prompt_tokens=spent.prompt_tokens,
        completion_tokens=spent.completion_tokens,
        cost_usd=spent.cost_usd,
        text="",
        notes=(),
    )
    notes = notes_on(result, grouped=any(pair.row.group for pair in pairs))
    return result.model_copy(update={"text": headline(result), "notes": notes})


def _said(pair: AnswerPair, found: Mapping[str, Verdict]) -> float:
    if pair.settled is not None:
        return pair.settled
    return found[pair.digest].merged if pair.digest in found else 0.0


def _agreement(pairs: Sequence[AnswerPair], found: Mapping[str, Verdict], labels: Mapping[str, float]) -> float | None:
    """Return kappa over the pairs that both looked at: settled ones would make any judge look good."""
    both = [pair.digest for pair in pairs if pair.digest in found and pair.digest in labels]
    if len(both) < LEAST_ITEMS:
        return None
    return agree([found[digest].merged for digest in both], [labels[digest] for digest in both])
