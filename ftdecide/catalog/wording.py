"""The sentence that says in plain words what an availability means."""

from dataclasses import dataclass
from datetime import date

from ftdecide.catalog.figures import Windows
from ftdecide.catalog.types import Provider, State, TunableModel
from ftdecide.translation import _


@dataclass(frozen=True)
class Situation:
    """Who asks about what, on which day, and what was found."""

    provider: Provider
    model: TunableModel | None
    windows: Windows
    state: State
    as_of: date
    existing_customer: bool | None

    @property
    def subject(self) -> str:
        """The model and where it is tuned."""
        if self.model is None:
            return _("A model of {provider}").format(provider=self.provider.name)
        return _("{model} on {provider}").format(model=self.model.display, provider=self.provider.name)


def describe(situation: Situation) -> str:
    """Say in one to three sentences who may tune until when, when the result stops, and what to be careful about."""
    model = situation.model
    if model is not None and not model.tunable:
        return _("{subject} cannot be fine-tuned, as far as is known.").format(subject=situation.subject)
    words = {"open": _opened, "existing_customers_only": _existing_only, "closed": _closed}
    parts = [words[situation.state](situation), _retirement(situation.windows, situation.as_of)]
    if model is not None and model.deployable is False:
        parts.append(_("A tuned version cannot be deployed there; it would have to be downloaded."))
    return " ".join(part for part in parts if part)


def _opened(situation: Situation) -> str:
    windows, existing = situation.windows, situation.existing_customer
    name = "existing_customers_until" if existing else "new_customers_until"
    until = windows.existing_customers_until if existing else windows.new_customers_until
    if until is None:
        return _("{subject} can be fine-tuned; no last day is known.").format(subject=situation.subject)
    if name in windows.no_earlier_than:
        return _("{subject} can be fine-tuned at least until {day}.").format(subject=situation.subject, day=until)
    return _("{subject} can be fine-tuned until {day}.").format(subject=situation.subject, day=until)


def _existing_only(situation: Situation) -> str:
    invitation = situation.model is not None and situation.model.by_invitation
    who = (
        _("{subject} can be fine-tuned by invitation only.")
        if invitation
        else _("{subject} can be fine-tuned only by organisations that already fine-tune there.")
    ).format(subject=situation.subject)
    until = situation.windows.existing_customers_until
    if until is None:
        return who
    if "existing_customers_until" in situation.windows.no_earlier_than:
        return who + " " + _("They may create jobs at least until {day}.").format(day=until)
    return who + " " + _("Their last day to create a job is {day}.").format(day=until)


def _closed(situation: Situation) -> str:
    windows = situation.windows
    until = windows.existing_customers_until
    if situation.existing_customer is False and (until is None or situation.as_of <= until):
        text = _("{subject} can no longer be fine-tuned by new customers.")
    elif until is None:
        text = _("{subject} can no longer be fine-tuned.")
    elif "existing_customers_until" in windows.no_later_than:
        text = _("{subject} can no longer be fine-tuned; this ended by {day} at the latest.")
    elif "existing_customers_until" in windows.no_earlier_than:
        text = _("{subject} may no longer be fine-tunable: the vendor promised it only until {day}.")
    else:
        text = _("{subject} can no longer be fine-tuned; the last day was {day}.")
    return text.format(subject=situation.subject, day=until)


def _retirement(windows: Windows, as_of: date) -> str:
    retires_on = windows.deployment_retires_on or windows.base_retires_on
    if retires_on is None:
        return ""
    base = windows.base_retires_on
    if as_of >= retires_on:
        text = _("Tuned models stopped answering on {day}.")
    elif base is not None and base < retires_on and as_of >= base:
        text = _("The base model retired on {base}, tuned models stop on {day}.")
    elif base is not None and base < retires_on:
        text = _("The base model retires on {base}, tuned models stop on {day}.")
    elif {"deployment_retires_on", "base_retires_on"} & set(windows.no_earlier_than):
        text = _("Tuned models stop on {day} or later.")
    else:
        text = _("Tuned models stop on {day}.")
    return text.format(base=base, day=retires_on)
