"""What an answer could change: which unknown ones matter most, and which single ones flip the verdict.

Nothing here is a guess: every plausible answer in `data/evidence/answers.yml` is put in and judged again.
"""

from collections.abc import Iterator

from ftdecide.decision.answers import Answers, goals_in
from ftdecide.decision.evidence import Plain, load_answers
from ftdecide.decision.judge import Judgement, judge
from ftdecide.decision.types import Flip, Verdict

_SMALLEST_MOVE = 0.01
_FLIP_BONUS = 0.5
_BISECTIONS = 5
_GOALS = "use_case.goals"


class Tried(dict[str, list[tuple[object, Judgement]]]):
    """Judgements by field path: what each plausible answer to that field alone would lead to."""


def try_answers(answers: Answers) -> Tried:
    """Judge every plausible single answer that differs from what is known."""
    tried = Tried()
    for path, values in load_answers().plausible.items():
        candidates: Iterator[object] = iter(_goal_sets(answers, values) if path == _GOALS else values)
        tried[path] = [(value, judge({**answers, path: value})) for value in candidates if value != answers.get(path)]
    return tried


def _goal_sets(answers: Answers, goals: tuple[Plain, ...]) -> list[tuple[Plain, ...]]:
    now = goals_in(answers)
    return [tuple(g for g in now if g != goal) if goal in now else (*now, goal) for goal in goals]


def read_missing(answers: Answers, now: Judgement, tried: Tried) -> tuple[str, ...]:
    """Return the unknown fields whose answers could move the verdict, most valuable first.

    A field's value is the mean distance (total variation) between today's probabilities and those after each of its
    plausible answers, plus half the share of these answers that change the verdict.
    """
    values = {
        path: _movement(now, [after for _, after in trials]) for path, trials in tried.items() if path not in answers
    }
    for group in load_answers().together:
        unknown = [path for path in group.fields if path not in answers]
        if not unknown:
            continue
        joint = [dict(zip(group.fields, values_, strict=True)) for values_ in group.values]
        after = [judge({**answers, **{path: each[path] for path in unknown}}) for each in joint]
        for path in unknown:
            values[path] = max(values.get(path, 0.0), _movement(now, after))
    moving = [path for path, value in values.items() if value >= _SMALLEST_MOVE]
    return tuple(sorted(moving, key=lambda path: -values[path]))


def _movement(now: Judgement, after: list[Judgement]) -> float:
    distance = sum(
        sum(abs(each.probabilities[verdict] - now.probabilities[verdict]) for verdict in Verdict) / 2 for each in after
    )
    flips = sum(each.verdict is not now.verdict for each in after)
    return (distance + _FLIP_BONUS * flips) / len(after) if after else 0.0


def read_flips(answers: Answers, now: Judgement, tried: Tried, shown: Answers) -> tuple[Flip, ...]:
    """Return the single answers that change the verdict, surest first; numbers as close to today's as they may be.

    `shown` holds what the assessment itself says by path (ranges, lists), for `from_`.
    """
    flips: dict[tuple[str, Verdict], tuple[float, Flip]] = {}
    for path, trials in tried.items():
        for value, after in trials:
            if after.verdict is now.verdict:
                continue
            to = _closest(answers, path, value, after)
            key = (path, after.verdict)
            distance = _distance(answers.get(path), to)
            if key not in flips or distance < flips[key][0]:
                listed = list(goals_in({path: to})) if path == _GOALS else to
                flip = Flip(field=path, from_=shown.get(path), to=listed, verdict=after.verdict)
                flips[key] = (distance, flip)
    sure = {(path, after.verdict): after.probabilities[after.verdict] for path, t in tried.items() for _, after in t}
    ordered = sorted(flips.items(), key=lambda item: (item[0][0] not in answers, -sure[item[0]], item[0]))
    return tuple(flip for _, (_, flip) in ordered)


def _closest(answers: Answers, path: str, value: object, after: Judgement) -> object:
    """Move a number that flips the verdict towards today's answer as far as it still does."""
    known = answers.get(path)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isinstance(known, int | float):
        return value
    still, stays = float(value), float(known)
    best: int | float = value
    for _ in range(_BISECTIONS):
        half = still / 2 + stays / 2
        candidate = _rounded(half, whole=isinstance(value, int))
        if candidate in (value, known):
            break
        if judge({**answers, path: candidate}).verdict is after.verdict:
            best, still = candidate, half
        else:
            stays = half
    return best


def _rounded(value: float, *, whole: bool) -> int | float:
    if whole:
        return round(value) if value < 100 else int(float(f"{value:.2g}"))
    return round(value, 2)


def _distance(known: object, to: object) -> float:
    if isinstance(known, int | float) and isinstance(to, int | float):
        return abs(known - to)
    return 0.0
