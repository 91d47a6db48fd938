"""A decision as people see it: badge, headline, panel beside the questions, strip below them."""

from datetime import date
from functools import lru_cache

import streamlit as st

from ftdecide.assessment.questions import ask_first, find_question
from ftdecide.assessment.types import Assessment
from ftdecide.assessment.wording import name_field
from ftdecide.catalog.load import load_catalog
from ftdecide.decision import wording
from ftdecide.decision.types import Decision, Verdict
from ftdecide.decision.verdict import decide
from ftdecide.decision.wording import explain_verdict, name_verdict
from ftdecide.translation import _, plural
from pages.parts import show, state

PAGE_OF_BLOCK = {
    "use_case": "pages/describe_use_case.py",
    "alternatives": "pages/try_alternatives.py",
    "costs": "pages/weigh_costs.py",
    "benefits": "pages/confirm_benefits.py",
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
# Below this share the words say "wide open", and a colour would claim more than they do.
_LEANING = 0.45
_SURENESS = ((0.85, "very sure"), (0.65, "fairly sure"), (_LEANING, "leaning this way"), (0.0, "wide open"))


def name_badge(verdict: Verdict) -> str:
    """Return a verdict as a coloured badge in Markdown."""
    colour, icon = _VERDICTS[verdict]
    return f":{colour}-badge[:material/{icon}: {name_verdict(verdict)}]"


def too_early(decision: Decision) -> bool:
    """Say whether most conditions are open, so that the verdict shows the starting point more than the answers."""
    return wording.too_early(gate.status for gate in decision.gates)


def standing_badge(decision: Decision) -> str:
    """Return a decision as a badge, which names no verdict while too little is known."""
    if too_early(decision):
        return f":gray-badge[:material/hourglass_empty: {_('Too early to say')}]"
    colour, icon = _look(decision)
    return f":{colour}-badge[:material/{icon}: {name_verdict(decision.verdict)}]"


def standing_headline(decision: Decision) -> str:
    """Return a decision as a headline in Markdown, with a sentence on what it means."""
    words, meaning = name_verdict(decision.verdict), explain_verdict(decision.verdict)
    colour, icon = _look(decision)
    if not too_early(decision):
        return f"### :{colour}[:material/{icon}:] {words}\n{meaning}"
    unknown = sum(gate.status == "unknown" for gate in decision.gates)
    open_ones = plural(
        "{n} of {{all}} conditions for fine-tuning is not known.",
        "{n} of {{all}} conditions for fine-tuning are not known.",
        unknown,
    ).format(all=len(decision.gates))
    leaning = _("Leaning: {verdict}").format(verdict=words)
    return f"### :gray[:material/{icon}:] {leaning}\n{standing_badge(decision)} {open_ones} {meaning}"


def _look(decision: Decision) -> tuple[str, str]:
    colour, icon = _VERDICTS[decision.verdict]
    return ("gray" if decision.confidence < _LEANING else colour), icon


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


def show_panel(opened: state.Open) -> None:
    """Show the verdict so far: words, confidence, what carries it, what is missing most, and the next step."""
    decision = decision_of(opened.assessment, state.today())
    with st.container(border=True, key="verdict"):
        st.markdown(f":gray[:small[{_('Verdict so far')}]]\n{standing_headline(decision)}")
        st.progress(decision.confidence, text=sureness(decision.confidence).capitalize())
        for gate in decision.gates:
            if gate.status == "block":
                st.markdown(f":red-badge[:material/block: {_('Not met')}] **{gate.title}.** {gate.text}")
        _reasons(decision)
        _missing(decision, opened.assessment, opened.id)
        st.markdown(f"**{_('Next step')}**  \n{decision.next_step}")
        show.link_page("pages/read_decision.py", _("Read the whole decision"), "gavel", opened.id)


def _reasons(decision: Decision) -> None:
    strongest = max((reason.weight for reason in decision.reasons), default=0.0)
    carrying = [reason for reason in decision.reasons if reason.weight > _CARRYING_SHARE * max(strongest, 0)][:3]
    carrying = carrying or list(decision.reasons[:3])
    if not carrying:
        return
    lines = [f"- {reason.text} {show.reason_origin(reason, brief=True)}" for reason in carrying]
    st.markdown("\n".join([f"**{_('Because')}**", "", *lines]))


def _missing(decision: Decision, assessment: Assessment, assessment_id: str) -> None:
    found = next((found for path in ask_first(decision.missing, assessment) if (found := find_question(path))), None)
    if found is None:
        return
    block, question = found
    st.markdown(f"**{_('The answer that is missing most')}**  \n{name_field(question.field)}")
    show.link_page(
        PAGE_OF_BLOCK[block.block], _("Answer it under {page}").format(page=_(block.title)), "edit", assessment_id
    )


def show_strip(opened: state.Open) -> None:
    """Show the verdict in one short line, for where it stays in sight."""
    decision = decision_of(opened.assessment, state.today())
    sure = "" if too_early(decision) else _("{percent:.0f} % sure").format(percent=100 * decision.confidence)
    st.markdown(f"{standing_badge(decision)} {sure}")
