"""Counting a prompt: paste or upload instructions, examples and requests; see tokens, limits and what examples cost."""

from decimal import Decimal
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ftdecide.assessment.answers import flat_answers
from ftdecide.assessment.types import dump_assessment
from ftdecide.catalog.load import load_catalog
from ftdecide.costs.few_shot import FewShotLimits, Month, few_shot_limits
from ftdecide.costs.scenario import Amount, Range, ScenarioTraffic
from ftdecide.dataset.facts import encoding_facts
from ftdecide.dataset.prompt_texts import read_prompt_text, split_samples
from ftdecide.dataset.prompt_tokens import PromptTokens, TokenRange, count_prompt
from ftdecide.errors import FtdecideError
from ftdecide.translation import _, plural
from pages.parts import show, state

_SAMPLE_FILES = ["txt", "md", "jsonl", "csv", "tsv"]
_HEIGHT = 150


class Given(NamedTuple):
    """What was pasted or uploaded, and the file's name, which tells its format."""

    text: str
    name: str


@st.fragment
def show_prompt_tokens(
    opened: state.Open | None, traffic: ScenarioTraffic, provider: str | None, model: str | None
) -> None:
    """Let a person count a prompt for one model, see few-shot's two limits, and take the numbers over.

    `provider` and `model` are names as people write them; both may be missing.
    """
    st.markdown(
        _(
            "Paste or upload what you send to the model. It is counted here and neither stored nor sent anywhere. "
            "A token is a piece of a word, the unit in which providers bill."
        )
    )
    try:
        parted = _("Part them by a line of three dashes, or by blank lines.")
        shown_as = _("Or JSON Lines and CSV with questions and answers.")
        left, middle, right = st.columns(3)
        instructions = _ask(
            left, "instructions", _("Instructions"), _("What is the same in every request."), ["txt", "md"]
        )
        examples = _ask(middle, "examples", _("Examples shown to the model"), f"{parted} {shown_as}", _SAMPLE_FILES)
        requests = _ask(right, "requests", _("Sample requests"), f"{parted} {shown_as}", _SAMPLE_FILES)
        if not any(given.text.strip() for given in (instructions, examples, requests)):
            return
        tokens = _count(model, instructions, examples, requests)
        limits = few_shot_limits(load_catalog(), provider, model, tokens, _month(traffic))
    except FtdecideError as error:
        show.problem(error)
        return
    _show_counts(tokens)
    if tokens.examples:
        _show_limits(limits)
    _offer(opened, tokens)


def _ask(column: DeltaGenerator, key: str, label: str, note: str, files: list[str]) -> Given:
    """Show a box to paste into and one to upload to; an upload counts rather than what was pasted.

    Raises:
        InputError: the upload is empty, too large or no text.
    """
    limit = encoding_facts().maximum_upload_mb
    with column:
        pasted = st.text_area(label, height=_HEIGHT, key=f"prompt_{key}", help=note)
        file = st.file_uploader(
            _("Or a file"),
            type=files,
            max_upload_size=limit,
            key=f"prompt_{key}_file",
        )
    if file is None:
        return Given(pasted, "")
    return Given(read_prompt_text(file.getvalue(), file.name), file.name)


@st.cache_data(max_entries=8, show_spinner=_("Counting …"), scope="session")
def _count(model: str | None, instructions: Given, examples: Given, requests: Given) -> PromptTokens:
    return count_prompt(model, instructions.text.strip(), split_samples(*examples), split_samples(*requests))


def _show_counts(tokens: PromptTokens) -> None:
    figures = [(_("In every request (instructions and examples)"), tokens.prompt)]
    figures += [(_("One example, on average"), tokens.example)] if tokens.example else []
    figures += [(_("A request's own part, on average"), tokens.request)] if tokens.request else []
    figures += [(_("An answer, on average"), tokens.answer)] if tokens.answer else []
    with st.container(horizontal=True):
        for label, count in figures:
            st.metric(label, _say_count(count), border=True)
    if tokens.exact:
        how = _(
            "Counted exactly as {model} cuts text ({encoding}); the few tokens around each message are an estimate."
        )
    elif tokens.model:
        how = _(
            "How {model} cuts text is not known here. This is an estimate from another encoding ({encoding}); the "
            "numbers in brackets say how far it may be off. Other scripts and code can differ more."
        )
    else:
        how = _("No model is named, so this is an estimate; the numbers in brackets say how far it may be off.")
    told = how.format(model=show.plain(tokens.model or ""), encoding=tokens.encoding)
    st.markdown(f":small[{show.origin(tokens.origin, tokens.source, tokens.as_of)}  \n{told}]")
    if tokens.request and tokens.answer is None:
        st.caption(_("The samples hold no answers, so the length of an answer was not counted."))


def _show_limits(limits: FewShotLimits) -> None:
    st.markdown(f"**{_('The two limits of examples')}**  \n{show.plain(limits.text)}")
    sources: list[str] = []
    if limits.window:
        read = show.origin(limits.window.origin, limits.window.source, limits.window.as_of)
        sources.append(f"{_('Context window')}: {read}")
    if limits.example_cost:
        cost = limits.example_cost
        sources.append(f"{_('Price')}: {show.origin(cost.origin, cost.source, cost.as_of)}")
    if sources:
        lines = "  \n".join(sources)
        st.markdown(f":small[{lines}]")


def _offer(opened: state.Open | None, tokens: PromptTokens) -> None:
    """Offer to write what was counted into the open assessment; an estimate is written with its range."""
    if opened is None:
        st.caption(_("With an assessment open, these numbers can be taken over into it."))
        return
    counted = {
        "traffic.prompt_tokens": tokens.prompt if tokens.prompt.high else None,
        "traffic.input_tokens": tokens.request,
        "traffic.output_tokens": tokens.answer,
    }
    fields = {path: _answer(count) for path, count in counted.items() if count is not None}
    known = flat_answers(dump_assessment(opened.assessment))
    if all(known.get(path) == value for path, value in fields.items()):
        st.success(_("The assessment counts on these numbers."), icon=":material/check:")
        return
    label = plural("Take this number over", "Take these {n} numbers over", len(fields))
    if not st.button(label, icon=":material/input:", key="prompt_take"):
        return
    try:
        saved = state.save_fields(opened, fields)
    except FtdecideError as error:
        show.problem(error)
        return
    if saved:
        st.rerun(scope="app")
    st.warning(_("The assessment was changed elsewhere meanwhile. Open its costs page to choose which answers stay."))


def _answer(count: TokenRange) -> int | dict[str, int]:
    return count.middle if count.low == count.high else {"low": count.low, "high": count.high}


def _say_count(count: TokenRange) -> str:
    return f"{count.middle:,}" if count.low == count.high else f"{count.middle:,} ({count.low:,} to {count.high:,})"


def _month(traffic: ScenarioTraffic) -> Month:
    """Take of every range the middle."""
    return Month(
        requests=_middle(traffic.requests_per_month),
        input_tokens=round(_middle(traffic.input_tokens)),
        output_tokens=round(_middle(traffic.output_tokens)),
    )


def _middle(amount: Amount | int) -> Decimal:
    return (amount.low + amount.high) / 2 if isinstance(amount, Range) else Decimal(amount)
