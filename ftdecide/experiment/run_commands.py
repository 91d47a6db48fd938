"""What the command line does with runs; every function returns a JSON-ready document."""

import time
from collections.abc import Callable
from pathlib import Path

from ftdecide.errors import InputError
from ftdecide.experiment.evidence import summary_json
from ftdecide.experiment.judge.view import judgements_json
from ftdecide.experiment.pilot import Pilot, plan_pilot
from ftdecide.experiment.pilot_run import pilot_of
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.preflight import Preflight, preflight_json
from ftdecide.experiment.run import cancel_run, preflight_run, resume_run, start_run, tend_run
from ftdecide.experiment.run_view import RunView, view_json, view_run
from ftdecide.experiment.run_words import phase_words, time_words
from ftdecide.providers.connections import LOCAL
from ftdecide.settings import Settings
from ftdecide.store.database import Store, open_store
from ftdecide.store.runs import load_run
from ftdecide.translation import _

Tell = Callable[[str], None]
Document = dict[str, object]
_GLANCE_SECONDS = 1.0


def compare(
    settings: Settings, experiment: Experiment, folder: Path, *, approve: Callable[[str], bool], tell: Tell
) -> Document:
    """Estimate, ask, run to the end, and return estimate and result as one document; `state` says how it ended.

    `tell` gets lines on the progress. `approve` is asked, with a question, only before a run that may cost money.
    Interrupting this process leaves the run to the worker.

    Raises:
        InputError: the plan cannot be used, or a paid run was not approved.
        FtdecideError: what starting a run may raise.
    """
    store = open_store(settings)
    pilot = None
    if experiment.pilot_rows:
        pilot = run_pilot(store, settings, experiment, folder, approve=approve, tell=tell)
    rows, preflight = preflight_run(experiment, folder, pilot)
    tell(_preflight_words(preflight))
    _ask(experiment, preflight, approve)
    run_id = start_run(store, settings, experiment, folder=folder, pilot=pilot)
    tell(_("run {id}: 'cancel {id}' ends it, 'status {id}' shows it").format(id=run_id))
    view = follow(store, settings, run_id, tell)
    found = _found(store, view) or {}
    return {
        **preflight_json(preflight),
        "train_rows": len(rows.train),
        "run_id": run_id,
        "state": view.state,
        "message": view.message,
        "spent_usd": float(view.spent_usd),
        **found,
    }


def run_pilot(  # noqa: PLR0913 - what `compare` was given, and where runs are kept
    store: Store,
    settings: Settings,
    experiment: Experiment,
    folder: Path,
    *,
    approve: Callable[[str], bool],
    tell: Tell,
) -> Pilot | None:
    """Answer the plan's first rows in a run of their own, and return what that showed; None if nothing came of it.

    Raises:
        InputError: the plan cannot be used, or a paid pilot was not approved.
    """
    plan = plan_pilot(experiment)
    _rows, preflight = preflight_run(plan, folder)
    tell(_("pilot of {rows} rows first").format(rows=preflight.test_rows))
    _ask(plan, preflight, approve)
    run_id = start_run(store, settings, plan, folder=folder)
    follow(store, settings, run_id, tell)
    return pilot_of(store, run_id)


def _ask(experiment: Experiment, preflight: Preflight, approve: Callable[[str], bool]) -> None:
    if costs_money(experiment) and not approve(_money_question(preflight)):
        raise InputError(_("a run that costs money was not approved; give --yes to run it"))


def costs_money(experiment: Experiment) -> bool:
    """Say whether anybody but this machine is asked."""
    judge = experiment.judge
    return experiment.provider.id != LOCAL or (judge is not None and judge.provider.id != LOCAL)


def follow(store: Store, settings: Settings, run_id: str, tell: Tell) -> RunView:
    """Wait until a run has ended, telling each change."""
    last: tuple[object, ...] = ()
    while True:
        view = view_run(store, run_id)
        if view.ended:
            tell(" ".join(filter(None, (view.state, view.message))))
            return view
        seen = (view.phase, view.done, view.losses[-1:])
        if seen != last:
            tell(_progress_words(view))
            last = seen
        tend_run(settings, load_run(store, run_id))
        time.sleep(_GLANCE_SECONDS)


def status(settings: Settings, run_id: str) -> Document:
    """Return how far a run is, with its result once it has ended.

    Raises:
        NotFoundError: no such run.
    """
    store = open_store(settings)
    view = view_run(store, run_id)
    return {**view_json(view), "result": _found(store, view)}


def result(settings: Settings, run_id: str) -> Document:
    """Return what a run found, partial or whole.

    Raises:
        NotFoundError: no such run.
        InputError: it has no result yet.
    """
    store = open_store(settings)
    view = view_run(store, run_id)
    found = _found(store, view)
    if found is None:
        raise InputError(_("run {id!r} is {state} and has no result to cite yet").format(id=run_id, state=view.state))
    return found


def resume(settings: Settings, run_id: str) -> Document:
    """Go on with a run, and return how far it is.

    Raises:
        NotFoundError: no such run.
        ConflictError: it is just being cancelled.
    """
    resume_run(open_store(settings), settings, run_id)
    return status(settings, run_id)


def cancel(settings: Settings, run_id: str) -> Document:
    """End a run, and return how far it is; it may take some seconds until its state is `cancelled`.

    Raises:
        NotFoundError: no such run.
    """
    cancel_run(open_store(settings), settings, run_id)
    return status(settings, run_id)


def _found(store: Store, view: RunView) -> Document | None:
    """Return the result, and what judge and people say of the answers where the plan asks for it."""
    if view.summary is None:
        return None
    found = summary_json(view.summary)
    return {**found, "judgements": judgements_json(store, view.id)} if view.experiment.judge else found


def _preflight_words(preflight: Preflight) -> str:
    gap = preflight.smallest_visible_gap
    seen = _("no difference can be shown") if gap is None else _("a gap of {gap:.0%} can be seen").format(gap=gap)
    text = _("preflight: {calls} calls, about {minutes:.0f} minutes, {rows} test rows, so {seen}")
    return text.format(calls=preflight.calls, minutes=preflight.minutes.p50, rows=preflight.test_rows, seen=seen)


def _money_question(preflight: Preflight) -> str:
    most = preflight.cost_usd.p95
    if most is None:
        return _("The price of this run is not known. Run it?")
    return _("This run costs up to {usd:.2f} USD. Run it?").format(usd=most)


def _progress_words(view: RunView) -> str:
    left = "" if view.eta_seconds is None else ", " + time_words(view.eta_seconds)
    steps = view.losses[-1] if view.losses else None
    loss = f", step {steps.step}, loss {steps.loss:.2f}" if steps and (view.phase or "").startswith("train:") else ""
    return f"{phase_words(view.phase)}: {view.done}/{view.total}{loss}{left}"
