"""The step of a run that looks its questions up by meaning, before any arm is asked; done twice it is done once."""

from decimal import Decimal

from ftdecide.catalog import find_provider, load_catalog
from ftdecide.catalog.prices import Request
from ftdecide.errors import NotFoundError
from ftdecide.experiment.arm_plan import uses_retrieval
from ftdecide.experiment.look_up import look_up_by_meaning
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.price import price_answer
from ftdecide.experiment.spending import refuse_beyond_budget
from ftdecide.experiment.work import Work, ask_provider
from ftdecide.experiment.workload import embedding_work
from ftdecide.providers.connections import connect
from ftdecide.store.calls import Call, Charge, Sent, charge_lost_calls, open_log
from ftdecide.store.runs import replace_rows

DOCUMENTS = "documents"


def needs_looking_up(experiment: Experiment) -> bool:
    """Say whether a run must ask the provider for embeddings before its arms can be asked."""
    plan = experiment.retrieval
    return plan is not None and plan.method == "embeddings" and any(map(uses_retrieval, experiment.arms))


def find_passages(work: Work) -> None:
    """Give every row its passages and keep them with the run, unless that was done; what it costs counts.

    Raises:
        StopError: its price exceeds the budget, or the run is to end.
        ProviderError: the provider gives no embeddings.
    """
    if not work.rows.unread:
        return
    charge_lost_calls(work.store, work.run.id)
    usd = _price_usd(work)
    refuse_beyond_budget(work, usd)
    sent = Sent(arm=DOCUMENTS, item=DOCUMENTS, repeat=work.run.attempt, most_usd=usd)
    with open_log(work.store, work.run.id) as log:
        log.write([sent], [])
    provider = work.experiment.provider
    line = connect(work.settings, provider.id, provider.base_url)
    rows = ask_provider(work, line, lambda each: look_up_by_meaning(work.experiment, work.rows, each))
    replace_rows(work.store, work.run.id, rows.model_dump(mode="json"))
    charge = Charge(arm=DOCUMENTS, item=DOCUMENTS, repeat=work.run.attempt, reason="looking_up", cost_usd=usd)
    with open_log(work.store, work.run.id) as log:
        log.write([], [Call(DOCUMENTS, DOCUMENTS, work.run.attempt, charge=charge)])


def _price_usd(work: Work) -> Decimal:
    """Return what the embeddings cost in US dollars; 0 at home and where no price is known."""
    catalog, total = load_catalog(), Decimal(0)
    try:
        provider = find_provider(catalog, work.experiment.provider.id)
    except NotFoundError:
        return total
    for each in embedding_work(work.experiment, work.rows):
        request = Request(input_tokens=each.prompt_tokens, output_tokens=0)
        price = price_answer(catalog, provider, each.model, request)
        total += price.usd if price else Decimal(0)
    return total
