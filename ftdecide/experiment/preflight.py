"""What a comparison will take and can show, worked out before anything is spent."""

from collections.abc import Sequence
from decimal import Decimal

from ftdecide.catalog import Catalog
from ftdecide.experiment.data_plan import Budget
from ftdecide.experiment.judge.cost import estimate_judge
from ftdecide.experiment.pilot import Pilot, correct_work, read_pilot
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.plan_warning import warn_plan
from ftdecide.experiment.price import CostLine, price_work, total
from ftdecide.experiment.speed import LocalSpeed, Minutes, RemoteSpeed, local_minutes, remote_minutes, run_figures
from ftdecide.experiment.statistics import LEAST_ITEMS, smallest_gap_one_way, smallest_visible_gap
from ftdecide.experiment.types import Answer, Part, Rows
from ftdecide.experiment.workload import ArmWork, OtherWork, Workload, count_work
from ftdecide.translation import _, plural


class CostRange(Part):
    """The likely cost and one that is exceeded in about 5 % of runs, in US dollars; null where a price is unknown."""

    p50: Decimal | None
    p95: Decimal | None


class Preflight(Part):
    """The estimate of a run, with everything it rests on.

    `smallest_visible_gap` is the true difference that about 80 % of such runs would find, for `assumed_discordance` or
    for as much more as that difference itself needs; null with fewer than 15 test rows, which show nothing.
    """

    calls: int
    calls_by_arm: tuple[ArmWork, ...]
    training_tokens: int
    tokens_exact: bool
    encoding: str
    cost_usd: CostRange
    cost_lines: tuple[CostLine, ...]
    minutes: Minutes
    smallest_visible_gap: float | None
    assumed_discordance: float
    train_rows: int
    test_rows: int
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    other_calls: tuple[OtherWork, ...] = ()
    repeats: int = 1
    prompt_budget_tokens: int = 0
    pilot: Pilot | None = None


def pilot_preflight(
    experiment: Experiment,
    rows: Rows,
    catalog: Catalog,
    answers: Sequence[Answer],
    *,
    measured: LocalSpeed | None = None,
) -> Preflight:
    """Return the estimate after a pilot; `answers` are those stored of it, to any of the test rows.

    Raises:
        UnavailableError: the package with the vocabularies is missing.
    """
    return make_preflight(experiment, rows, catalog, measured=measured, pilot=read_pilot(experiment, rows, answers))


def make_preflight(
    experiment: Experiment,
    rows: Rows,
    catalog: Catalog,
    *,
    measured: LocalSpeed | None = None,
    pilot: Pilot | None = None,
) -> Preflight:
    """Return the estimate; `measured` is this machine's own speed, `pilot` what a few rows showed.

    Raises:
        UnavailableError: the package with the vocabularies is missing.
    """
    figures, judged = run_figures(), estimate_judge(experiment, rows, catalog)
    local = experiment.provider.id == "local"
    speed = measured or figures.local
    cited = speed if local else figures.remote
    work = count_work(experiment, rows, cited.auto_epochs)
    work = correct_work(work, pilot) if pilot else work
    minutes = local_minutes(work, speed) if local else remote_minutes(work, _pace(pilot), experiment.concurrency)
    minutes = Minutes(p50=minutes.p50 + judged.minutes.p50, p95=minutes.p95 + judged.minutes.p95)
    lines = (*(() if local else _priced(experiment, work, catalog, minutes)), *judged.lines)
    cost = CostRange(p50=total(lines, "p50_usd"), p95=total(lines, "p95_usd"))
    n, share = len(rows.test), (pilot.discordance if pilot else None) or figures.gap.discordance
    return Preflight(
        calls=sum(each.calls for each in (*work.arms, *work.other, *judged.other)),
        calls_by_arm=work.arms,
        training_tokens=sum(arm.training_tokens for arm in work.arms),
        tokens_exact=work.exact,
        encoding=work.encoding,
        cost_usd=cost,
        cost_lines=lines,
        minutes=minutes,
        smallest_visible_gap=_visible_gap(n, share),
        assumed_discordance=share,
        train_rows=len(rows.train),
        test_rows=n,
        assumptions=(
            *_token_assumptions(work, pilot),
            _("Time: {source} ({as_of}).").format(source=cited.source, as_of=cited.as_of.isoformat()),
            _gap_assumption(share, _gap_source(pilot)),
        ),
        warnings=tuple(
            text for text in (*warn_plan(experiment, rows, work), *_over(experiment.budget, cost, minutes)) if text
        ),
        other_calls=(*work.other, *judged.other),
        repeats=experiment.repeats,
        prompt_budget_tokens=experiment.prompt_budget_tokens,
        pilot=pilot,
    )


def preflight_json(preflight: Preflight) -> dict[str, object]:
    """Return the estimate as the command line prints it: amounts and `minutes` are plain numbers there."""
    cost = preflight.cost_usd
    return {
        **preflight.model_dump(mode="json"),
        "cost_usd": {"p50": _number(cost.p50), "p95": _number(cost.p95)},
        "cost_lines": [
            {**line.model_dump(mode="json"), "p50_usd": _number(line.p50_usd), "p95_usd": _number(line.p95_usd)}
            for line in preflight.cost_lines
        ],
        "minutes": preflight.minutes.p50,
        "minutes_p95": preflight.minutes.p95,
    }


def _visible_gap(n: int, discordance: float) -> float | None:
    if n < LEAST_ITEMS:
        return None
    return max(smallest_visible_gap(n, discordance), smallest_gap_one_way(n))


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _priced(experiment: Experiment, work: Workload, catalog: Catalog, minutes: Minutes) -> tuple[CostLine, ...]:
    return price_work(work, experiment.provider, catalog, minutes.p95, run_figures().cost.repeated_share)


def _pace(pilot: Pilot | None) -> RemoteSpeed:
    remote = run_figures().remote
    return remote.model_copy(update={"seconds_per_call": pilot.seconds_per_call}) if pilot else remote


def _gap_source(pilot: Pilot | None) -> str:
    if pilot is None or pilot.discordance is None:
        return run_figures().gap.source
    return plural("measured by a pilot on {n} row", "measured by a pilot on {n} rows", pilot.rows)


def _token_assumptions(work: Workload, pilot: Pilot | None) -> list[str]:
    found = [_("An answer is taken to be as long as its reference; the upper figures as long as the plan allows.")]
    if pilot:
        found = [
            plural(
                "Answers are as long as those of a pilot on {n} row, those of tuned models as long as the references.",
                "Answers are as long as those of a pilot on {n} rows, those of tuned models as long as the references.",
                pilot.rows,
            )
        ]
    if not work.exact:
        text = _("Tokens are approximated with {encoding}; this model cuts text in another way.")
        found.append(text.format(encoding=work.encoding))
    return found


def _gap_assumption(share: float, source: str) -> str:
    text = _("Smallest visible gap: exactly one of two arms is right on {share} of the rows ({source}).")
    return text.format(share=f"{share:.0%}", source=source)


def _over(budget: Budget, cost: CostRange, minutes: Minutes) -> list[str]:
    found: list[str] = []
    if cost.p50 is None:
        found.append(_("The catalogue knows no price for this model, so the cost is unknown; set a budget."))
    elif budget.usd is not None and cost.p95 is not None and cost.p95 > budget.usd:
        text = _("The run may cost {cost} USD, more than the budget of {budget} USD, and would stop there.")
        found.append(text.format(cost=f"{cost.p95:.2f}", budget=f"{budget.usd:.2f}"))
    if budget.minutes is not None and minutes.p95 > budget.minutes:
        text = _("The run may take {minutes} minutes, more than the {budget} allowed, and would stop there.")
        found.append(text.format(minutes=f"{minutes.p95:.0f}", budget=f"{budget.minutes:g}"))
    return found
