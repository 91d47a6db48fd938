"""Keeping a tuned model deployed as long as a run asks it, where the provider wants that, and never longer."""

import time
from datetime import timedelta
from decimal import Decimal

from ftdecide.catalog import find_model, find_provider, load_catalog
from ftdecide.catalog.prices import find_price, model_prices
from ftdecide.errors import FtdecideError, InputError, NotFoundError, ProviderError
from ftdecide.experiment.arm_plan import FineTuned
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.spending import refuse_beyond_budget
from ftdecide.experiment.work import Work, store_of
from ftdecide.providers.base import MissingKeyError, PassingError
from ftdecide.providers.connections import find_connection, load_connections
from ftdecide.providers.hosting import Deployment, Hosting, deployed_name, open_hosting
from ftdecide.providers.retries import wait_seconds, with_retries
from ftdecide.settings import Settings
from ftdecide.store.database import Store
from ftdecide.store.hosting import Hosted, NewHosted, begin_hosting, end_hosting, load_hosted
from ftdecide.store.runs import ENDED, load_run
from ftdecide.store.tunes import add_event, load_tune
from ftdecide.translation import _

_NAME = "ftdecide-{run}-{arm}-{attempt}"
_RUN_DIGITS = 8
_LOOKS_AFTER_DELETING = 5


def needs_deployment(experiment: Experiment) -> bool:
    """Say whether a tuned model of this plan's provider answers only once it is deployed."""
    provider = experiment.provider
    return find_connection(provider.id, provider.base_url).serves_tuned == "deployment"


def deploy(work: Work, arm: FineTuned) -> None:
    """Have the tuned model of an arm deployed, and wait until it answers; done twice it is done once.

    Raises:
        StopError: an hour of it exceeds the budget, or the run is to end; `withdraw` ends the deployment.
        ProviderError: the deployment failed, or did not become ready in time.
    """
    tune, hosting = load_tune(work.store, work.run.id, arm.name), _hosting(work.experiment)
    if hosting is None or tune is None or tune.model is None:
        return
    model, name = tune.model, _name(work, arm)
    known = {each.name for each in load_hosted(work.store, work.run.id)}
    if name not in known:
        rate = hosting_rate_usd(work.experiment, hosting.tier)
        refuse_beyond_budget(work, rate or Decimal(0))
        new = NewHosted(
            name=name,
            arm=arm.name,
            provider=work.experiment.provider.id,
            model=model,
            tier=hosting.tier,
            usd_per_hour=rate,
        )
        begin_hosting(work.store, work.run.id, new)
    retries = load_connections().retries
    found = with_retries(lambda: hosting.create(name, model), retries, work.pause)
    _await_ready(work, hosting, found)


def withdraw(work: Work) -> list[str]:
    """End what a run has deployed; return what could not be ended, which `withdraw_left` tries again."""
    return _withdraw(work.store, [each for each in load_hosted(work.store, work.run.id) if each.ended_at is None])


def withdraw_left(settings: Settings) -> None:
    """End the deployments of runs that have ended, which a crash or an unreachable provider has left."""
    store = store_of(settings)
    left = [each for each in load_hosted(store) if each.ended_at is None]
    _withdraw(store, [each for each in left if load_run(store, each.run_id).state in ENDED])


def name_of_model(work: Work, model: str) -> str:
    """Return the name under which the provider answers for a model: its deployment's, where there are such.

    Without what is needed to look deployments up, one is taken to be called like its model.

    Raises:
        ProviderError: the deployments cannot be listed.
    """
    try:
        hosting = _hosting(work.experiment)
    except MissingKeyError:
        return model
    if hosting is None:
        return model
    return deployed_name(model, with_retries(hosting.deployments, load_connections().retries, work.pause))


def check_hosting(experiment: Experiment) -> None:
    """Make sure, before a training job is paid for, that there is all it takes to deploy its model.

    Raises:
        MissingKeyError: a variable is empty.
        InputError: a variable holds an address that cannot be used.
    """
    _hosting(experiment)


def refuse_unserved(experiment: Experiment) -> None:
    """Refuse tuned arms of a provider that serves tuned models in a way that this program knows nothing of.

    Raises:
        InputError: there is such an arm.
    """
    provider = experiment.provider
    connection = find_connection(provider.id, provider.base_url)
    arm = next((arm for arm in experiment.arms if arm.kind == "fine_tuned"), None)
    if arm is not None and connection.serves_tuned == "elsewhere":
        text = _(
            "arm {arm!r}: {provider} serves tuned models on rented machines only, which cannot be rented from here;"
            " remove the arm, or take another provider"
        )
        raise InputError(text.format(arm=arm.name, provider=connection.title))


def hosting_rate_usd(experiment: Experiment, tier: str) -> Decimal | None:
    """Return the price of an hour in US dollars, or None where none is known."""
    try:
        provider = find_provider(load_catalog(), experiment.provider.id)
        model = find_model(load_catalog(), provider.id, experiment.provider.model)
    except NotFoundError:
        return None
    price = find_price(model_prices(provider, model), "hosting", tier=tier)
    return price.usd_per_hour if price else None


def _await_ready(work: Work, hosting: Hosting, found: Deployment | None) -> None:
    facts, retries = load_connections().azure_management, load_connections().retries
    end = time.monotonic() + timedelta(minutes=facts.longest_wait_minutes).total_seconds()
    name = found.name if found else ""
    while found is not None and found.state == "creating" and time.monotonic() < end:
        work.pause(facts.poll_seconds)
        found = with_retries(lambda: hosting.find(name), retries, work.pause)
    if found is None or found.state != "ready":
        why = (found and found.error) or _("it did not become ready in time, or somebody deleted it")
        raise ProviderError(
            _("the deployment {name!r} failed: {why}; resume the run to deploy anew").format(name=name, why=why)
        )


def _withdraw(store: Store, hosted: list[Hosted]) -> list[str]:
    problems: list[str] = []
    for each in hosted:
        try:
            hosting = open_hosting(find_connection(each.provider))
            if hosting is not None:
                _delete(hosting, each.name)
            end_hosting(store, each.run_id, each.name)
        except FtdecideError as error:
            text = _("The deployment {name!r} could not be deleted and may cost money by the hour: {why}")
            message = text.format(name=each.name, why=error)
            key = f"withdraw:{load_run(store, each.run_id).attempt}:{each.name}"
            add_event(store, each.run_id, key, "problem", {"arm": each.arm, "message": message})
            problems.append(message)
    return problems


def _delete(hosting: Hosting, name: str) -> None:
    """Ask for the end of a deployment until it is gone, or going.

    Raises:
        ProviderError: it cannot be asked for, or the deployment stays.
    """
    retries = load_connections().retries
    for look in range(1, _LOOKS_AFTER_DELETING + 1):
        with_retries(lambda: hosting.delete(name), retries, time.sleep)
        left = with_retries(lambda: hosting.find(name), retries, time.sleep)
        if left is None or left.state == "deleting":
            return
        time.sleep(wait_seconds(PassingError(name), look, retries))
    raise ProviderError(_("it is still there; delete it by hand"))


def _hosting(experiment: Experiment) -> Hosting | None:
    provider = experiment.provider
    return open_hosting(find_connection(provider.id, provider.base_url))


def _name(work: Work, arm: FineTuned) -> str:
    return _NAME.format(run=work.run.id[:_RUN_DIGITS], arm=arm.name, attempt=work.run.attempt)
