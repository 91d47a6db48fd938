"""What the steps of a running comparison share: plan, rows, store, and the question whether to go on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar

from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import Rows
from ftdecide.providers.base import Provider, UnreachableError
from ftdecide.providers.connections import Line, find_connection, load_connections
from ftdecide.providers.retries import with_retries
from ftdecide.settings import Settings
from ftdecide.store.answers import spent_usd
from ftdecide.store.database import Store, open_store
from ftdecide.store.runs import SavedRun, load_rows, load_run, run_state
from ftdecide.translation import _

Result = TypeVar("Result")
_SLICE_SECONDS = 0.5
_AHEAD = timedelta(minutes=2)  # a deployment takes that long to end


class StopError(Exception):
    """The run is to end now, and why; not a failure."""


@dataclass(frozen=True)
class Work:
    """One run as a step sees it."""

    settings: Settings
    store: Store
    run: SavedRun
    experiment: Experiment
    rows: Rows

    def check(self) -> None:
        """Go on, or raise.

        Raises:
            StopError: somebody cancelled the run, even before it began, or its time is used up.
        """
        if run_state(self.store, self.run.id) != "running":
            raise StopError(_("Cancelled."))
        self._check_hours()
        minutes = self.experiment.budget.minutes
        if minutes is None or self.run.started_at is None:
            return
        if datetime.now(UTC) - self.run.started_at >= timedelta(minutes=minutes):
            raise StopError(_("Stopped: the {minutes:g} minutes allowed are used up.").format(minutes=minutes))

    def _check_hours(self) -> None:
        """Stop before the next hour of a deployment begins that the budget has no room for."""
        # The plan as it is stored: a judge has a provider of its own, and the tuned model may still be deployed.
        provider, limit = self.run.plan["provider"], self.experiment.budget.usd
        if limit is None or find_connection(provider["id"], provider.get("base_url")).serves_tuned != "deployment":
            return
        if spent_usd(self.store, self.run.id, datetime.now(UTC) + _AHEAD) > limit:
            raise StopError(_("Stopped: another hour of the deployment exceeds the {usd} USD.").format(usd=limit))

    def pause(self, seconds: float) -> None:
        """Wait, and hear a cancel meanwhile.

        Raises:
            StopError: as `check`.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_SECONDS))
            self.check()


def open_work(settings: Settings, run_id: str) -> Work:
    """Read a run and everything it works on.

    Raises:
        NotFoundError: no such run.
    """
    store = store_of(settings)
    run = load_run(store, run_id)
    return Work(
        settings=settings,
        store=store,
        run=run,
        experiment=Experiment.model_validate(run.plan),
        rows=Rows.model_validate(load_rows(store, run_id)),
    )


def store_of(settings: Settings) -> Store:
    """Return the one store of this process."""
    return _opened(settings.model_dump_json())


@cache
def _opened(settings: str) -> Store:
    return open_store(Settings.model_validate_json(settings))


def ask_provider(
    work: Work, line: Line, call: Callable[[Provider], Result], pause: Callable[[float], None] | None = None
) -> Result:
    """Return what `call` gets from the provider: tried again after passing failures, connected anew where it broke.

    `pause` waits between two tries; the usual one hears a cancel meanwhile.

    Raises:
        ProviderError: the last failure.
        UnavailableError: the local engine is gone and cannot be started again.
        StopError: the run is to end, noticed while waiting.
    """

    def once() -> Result:
        provider = line.provider()
        try:
            return call(provider)
        except UnreachableError:
            line.renew(provider)
            raise

    return with_retries(once, load_connections().retries, pause or work.pause)
