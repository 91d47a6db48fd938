"""Decisions in people's words: sentences with their figures filled in, and names for verdicts and states."""

import re
from collections.abc import Iterable
from typing import cast

from ftdecide.assessment.wording import say_answer
from ftdecide.decision.measured import Features
from ftdecide.decision.types import EvidenceValue, Flip, Verdict
from ftdecide.translation import _

_PERCENT = re.compile(r"(?<=\d)%")
_VERDICTS = {
    Verdict.FINE_TUNE: "Fine-tune",
    Verdict.FINE_TUNE_PLUS_RAG: "Fine-tune, with retrieval",
    Verdict.RAG: "Use retrieval (RAG)",
    Verdict.PROMPT_ENGINEERING: "Improve the prompt",
    Verdict.CHANGE_BASE_MODEL: "Change the base model",
    Verdict.CLASSICAL_MODEL: "Use a classical model",
    Verdict.PILOT_FIRST: "Run a pilot first",
    Verdict.NOT_NOW: "Not now",
}
_MEANINGS = {
    Verdict.FINE_TUNE: "Train a base model on examples of the wanted behaviour.",
    Verdict.FINE_TUNE_PLUS_RAG: "Look facts up in an index, and train a model to read and answer in your form.",
    Verdict.RAG: "Look the facts up in an index and let a model answer from what was found; nothing is trained.",
    Verdict.PROMPT_ENGINEERING: "Better instructions and examples in the prompt; nothing is trained.",
    Verdict.CHANGE_BASE_MODEL: "Try another base model before anything is tuned.",
    Verdict.CLASSICAL_MODEL: "A trained classifier or rules without a language model does the job.",
    Verdict.PILOT_FIRST: "Too little is known; a small comparison on your own data tells.",
    Verdict.NOT_NOW: "Too little speaks for it today, or something forbids it.",
}
_STATES = {"pass": "Met", "warn": "Take care", "block": "Not met", "unknown": "Not known"}
_ORIGINS = {"measured": "Measured", "quoted": "Quoted", "assumed": "Assumed", "answered": "Your answer"}


def too_early(statuses: Iterable[str]) -> bool:
    """Say whether most gates are open, so that the verdict shows the starting point more than the answers."""
    found = list(statuses)
    return "block" not in found and 2 * found.count("unknown") > len(found)


def say_change(flip: Flip) -> tuple[str, str]:
    """Return the answer now and the answer that flips the verdict; of a list only what comes or goes."""
    before, after = flip.from_, flip.to
    if not isinstance(after, list):
        return say_answer(flip.field, before), say_answer(flip.field, after)
    then = cast("list[object]", after)
    now = cast("list[object]", before) if isinstance(before, list) else []
    added, dropped = [item for item in then if item not in now], [item for item in now if item not in then]
    text = (_("also {answers}") if now else "{answers}") if added else _("without {answers}")
    return _("as answered") if now else say_answer(flip.field, None), text.format(
        answers=say_answer(flip.field, added or dropped)
    )


def fill(text: str, found: Features) -> str:
    """Return a sentence of the evidence in the reader's language with its figures filled in."""
    return _PERCENT.sub(" %", _(text).format_map(found))


def name_verdict(verdict: Verdict) -> str:
    """Return a verdict as people say it."""
    return _(_VERDICTS[verdict])


def explain_verdict(verdict: Verdict) -> str:
    """Return in a sentence what a verdict means."""
    return _(_MEANINGS[verdict])


def name_state(status: str) -> str:
    """Return a gate's status as people say it."""
    return _(_STATES[status])


def name_origin(origin: str) -> str:
    """Return where a figure comes from, in a word."""
    return _(_ORIGINS[origin])


def name_reason_origin(origin: str) -> str:
    """Return where a reason comes from; one that rests on answers may rest on a missing one, so none is claimed."""
    return _("From your answers") if origin == "answered" else name_origin(origin)


def say_evidence_value(value: EvidenceValue) -> str:
    """Return whether to test on, and what that is worth."""
    chance = _(
        "Fine-tuning pays with a probability of {p} %: {expected} USD are to be expected of it until the horizon."
    ).format(p=f"{100 * value.p_pays:.0f}", expected=_usd(value.expected_usd))
    if value.rows is None:
        stop = _(
            "Stop testing: even knowing everything would be worth {evpi} USD at most, and more test rows {evsi} USD."
        )
        return f"{chance} {stop.format(evpi=_usd(value.evpi_usd), evsi=_usd(value.evsi_usd))}"
    told = _("Label about {rows:,} more test rows: what they could change is worth {evsi} USD").format(
        rows=value.rows, evsi=_usd(value.evsi_usd)
    )
    price = _(", and they cost about {cost} USD").format(cost=_usd(value.rows_cost_usd)) if value.rows_cost_usd else ""
    return f"{chance} {told}{price}."


def say_pays_from(usd: float) -> str:
    """Return from which worth of one more correct answer fine-tuning pays."""
    if usd <= 0:
        return _("Fine-tuning costs no more than what you have, so that any gain pays.")
    return _("Fine-tuning pays if one more correct answer is worth over {usd} USD.").format(usd=_usd(usd))


def _usd(amount: float) -> str:
    """Return dollars as people say them: whole from 100 on, cents from 1 on, else two digits that count."""
    size = abs(amount)
    if size == 0 or size >= 100:
        return f"{amount:,.0f}"
    return f"{amount:.2f}" if size >= 1 else f"{float(f'{amount:.2g}'):.10f}".rstrip("0")
