"""Domain objects as people see them: header, verdict panel, origin badges, problems."""

import re
from datetime import date
from functools import lru_cache

import streamlit as st

from ftdecide.assessment.questions import ask_first, find_question
from ftdecide.assessment.types import Assessment
from ftdecide.assessment.wording import name_field
from ftdecide.catalog.load import load_catalog
from ftdecide.decision.types import Decision, Verdict
from ftdecide.decision.verdict import decide
from ftdecide.decision.wording import explain_verdict, name_origin, name_verdict
from ftdecide.errors import FtdecideError
from ftdecide.translation import _
from pages.parts import state

PAGE_OF_BLOCK = {
    "use_case": "pages/describe_use_case.py",
    "alternatives": "pages/try_alternatives.py",
    "costs": "pages/weigh_costs.py",
    "benefits": "pages/confirm_benefits.py",
}
_ORIGINS = {
    "measured": ("green", "straighten"),
    "quoted": ("blue", "format_quote"),
    "assumed": ("orange", "help"),
    "answered": ("gray", "person"),
}
_VERDICTS = {
    Verdict.FINE_TUNE: ("green", "model_training"),
    Verdict.FINE_TUNE_PLUS_RAG: ("green", "join"),
    Verdict.RAG: ("blue", "find_in_page"),
    Verdict.PROMPT_ENGINEERING: ("blue", "edit_note"),
    Verdict.CHANGE_BASE_MODEL: ("blue", "swap_horiz"),
    Verdict.CLASSICAL_MODEL: ("blue", "calculate"),
    Verdict.PILOT_FIRST: ("orange", "science"),
    Verdict.NOT_NOW: ("gray", "do_not_disturb_on"),
}
# A reason this much weaker than the strongest carries nothing.
_CARRYING_SHARE = 0.15
_SURENESS = ((0.85, "very sure"), (0.65, "fairly sure"), (0.45, "leaning this way"), (0.0, "wide open"))


def page_header(title: str, lead: str) -> None:
    """Show a page's title and, in a sentence or two, what a person does there."""
    st.title(title, anchor=False)
    st.markdown(lead)


def verdict_badge(verdict: Verdict) -> str:
    """Return a verdict as a coloured badge in Markdown."""
    colour, icon = _VERDICTS[verdict]
    return f":{colour}-badge[:material/{icon}: {name_verdict(verdict)}]"


def example_badge(title: str, *, example: bool) -> str:
    """Return the badge of an example, unless its title says so already."""
    return f" :violet-badge[{_('Example')}]" if example and not title.startswith(_("Example")) else ""


def plain(text: str) -> str:
    """Return a person's text so that Markdown shows it as it was typed."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~:$-])", r"\\\1", text)


def sureness(confidence: float) -> str:
    """Return a probability from 0 to 1 in words and as a number."""
    words = next(words for least, words in _SURENESS if confidence >= least)
    return _("{words}, {percent:.0f} %").format(words=_(words), percent=confidence * 100)


def decision_of(assessment: Assessment, day: date) -> Decision:
    """Return the decision for an assessment on a day; the same question is worked out once."""
    return _decide(assessment.model_dump_json(), day)


@lru_cache(maxsize=512)
def _decide(document: str, day: date) -> Decision:
    return decide(Assessment.model_validate_json(document), day, load_catalog())


def verdict_panel(opened: state.Open) -> None:
    """Show the verdict so far: words, confidence, what carries it, what is missing most, and the next step."""
    decision = decision_of(opened.assessment, state.today())
    with st.container(border=True, key="verdict"):
        colour, icon = _VERDICTS[decision.verdict]
        words = name_verdict(decision.verdict)
        st.markdown(f":gray[:small[{_('Verdict so far')}]]\n### :{colour}[:material/{icon}:] {words}")
        st.caption(explain_verdict(decision.verdict))
        st.progress(decision.confidence, text=sureness(decision.confidence).capitalize())
        for gate in decision.gates:
            if gate.status == "block":
                st.markdown(f":red-badge[:material/block: {_('Not met')}] **{gate.title}.** {gate.text}")
        _reasons(decision)
        _missing(decision, opened.assessment, opened.id)
        st.markdown(f"**{_('Next step')}**  \n{decision.next_step}")
        link_page("pages/read_decision.py", _("Read the whole decision"), "gavel", opened.id)


def _reasons(decision: Decision) -> None:
    strongest = max((reason.weight for reason in decision.reasons), default=0.0)
    carrying = [reason for reason in decision.reasons if reason.weight > _CARRYING_SHARE * max(strongest, 0)][:3]
    carrying = carrying or list(decision.reasons[:3])
    if not carrying:
        return
    lines = [f"- {reason.text} {origin(reason.origin, reason.source)}" for reason in carrying]
    st.markdown("\n".join([f"**{_('Because')}**", "", *lines]))


def _missing(decision: Decision, assessment: Assessment, assessment_id: str) -> None:
    found = next((found for path in ask_first(decision.missing, assessment) if (found := find_question(path))), None)
    if found is None:
        return
    block, question = found
    st.markdown(f"**{_('The answer that is missing most')}**  \n{name_field(question.field)}")
    link_page(
        PAGE_OF_BLOCK[block.block], _("Answer it under {page}").format(page=_(block.title)), "edit", assessment_id
    )


def verdict_strip(opened: state.Open) -> None:
    """Show the verdict in one line, for where it stays in sight."""
    decision = decision_of(opened.assessment, state.today())
    st.markdown(f"{_('So far')} {verdict_badge(decision.verdict)} {sureness(decision.confidence)}")


def link_page(page: str, label: str, icon: str, assessment_id: str, *, icon_position: str = "left") -> None:
    """Show a link to a page of the same assessment."""
    st.page_link(
        page,
        label=label,
        icon=f":material/{icon}:",
        icon_position="right" if icon_position == "right" else "left",
        query_params={"assessment": assessment_id},
    )


def origin(kind: str, source: str = "", as_of: date | str | None = None) -> str:
    """Return Markdown that says where a figure comes from: a coloured badge with its word, then source and day."""
    colour, icon = _ORIGINS[kind]
    badge = f":{colour}-badge[:material/{icon}: {name_origin(kind)}]"
    named = source if kind != "answered" else ""
    link = f" [{_('source')}]({source})" if source.startswith("http") else f" {named}".rstrip()
    day = _(", as of {day}").format(day=as_of) if as_of else ""
    return f"{badge}{link}{day}"


def problem(error: FtdecideError) -> None:
    """Show what is wrong and how to mend it."""
    st.error(str(error), icon=":material/error:")
