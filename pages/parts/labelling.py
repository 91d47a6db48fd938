"""Judging pairs of answers without knowing whose they are, and what judge and people have found together."""

import streamlit as st

from ftdecide.errors import FtdecideError
from ftdecide.experiment.judge.facts import criterion_of
from ftdecide.experiment.judge.labelling import Choice, Sheet, save_choice
from ftdecide.experiment.judge.pairs import AnswerPair, Side, first_side
from ftdecide.experiment.judge.types import Judgement
from ftdecide.experiment.judge.view import JudgedPairs, judge_contrast, load_pairs, sheet_of
from ftdecide.experiment.judge.words import signed
from ftdecide.experiment.run_view import RunView
from ftdecide.experiment.run_words import arm_words
from ftdecide.translation import _, plural
from pages.parts import show, state

LABEL = "label"
_PROBLEM = "label_problem"


def show_labelling(view: RunView) -> bool:
    """Show the screen on which people label, and nothing else, if the address asks for it; say whether it does."""
    found = _pairs(view) if LABEL in st.query_params else None
    place = str(st.query_params.get(LABEL, "")).strip()
    if found is None or not place.isascii() or not place.isdigit() or not 1 <= int(place) <= len(found.contrasts):
        return False
    sheet = sheet_of(state.store(), found, int(place) - 1)
    st.subheader(_("Which answer is better?"), anchor=False)
    st.markdown(show.plain(criterion_of(view.experiment.judge)))
    if problem := state.recall(_PROBLEM):
        st.warning(problem, icon=":material/group:")
    if sheet.open:
        said = plural("{{done}} of {n} pair looked at", "{{done}} of {n} pairs looked at", len(sheet.open))
        st.progress(sheet.done / len(sheet.open), text=said.format(done=sheet.done))
    if sheet.next is not None:
        _show_pair(view.id, sheet, sheet.next)
    else:
        st.success(_("Every pair has been looked at. Thank you!"), icon=":material/check:")
    with st.container(horizontal=True):
        _offer_undo(view.id, sheet)
        st.button(_("Leave and see the result"), icon=":material/arrow_back:", on_click=_leave, key="label_leave")
    st.caption(
        _(
            "Which option gave which answer is not shown, and the sides are drawn by lot. What you say is kept at "
            "once: leave when you like, and come back by the same address, or send it to a colleague."
        )
    )
    return True


def _show_pair(run_id: str, sheet: Sheet, pair: AnswerPair) -> None:
    with st.container(border=True):
        st.markdown(f"**{_('Question')}**")
        _show_text(pair.row.prompt)
        with st.expander(_("An answer that is accepted as right")):
            _show_text(pair.row.reference)
    first = first_side(pair, sheet.seed)
    second: Side = "baseline" if first == "arm" else "arm"
    for column, name, side in zip(st.columns(2), (_("Answer A"), _("Answer B")), (first, second), strict=True):
        with column.container(border=True):
            st.markdown(f"**{name}**")
            _show_text(pair.text_of(side))
    choices: tuple[tuple[Choice, str, str, str], ...] = (
        ("first", _("A is better"), "thumb_up", "a"),
        ("second", _("B is better"), "thumb_up", "b"),
        ("same", _("Equally good"), "drag_handle", "e"),
        ("skip", _("Skip"), "skip_next", "s"),
    )
    with st.container(horizontal=True):
        for choice, words, icon, shortcut in choices:
            st.button(
                words,
                icon=f":material/{icon}:",
                key=f"label_{choice}",
                shortcut=shortcut,
                on_click=_choose,
                args=(run_id, pair, choice, sheet.seed),
            )


def _show_text(text: str) -> None:
    if text.strip():
        st.code(text, language=None, wrap_lines=True)
    else:
        st.markdown(f":gray[{_('(empty)')}]")


def _offer_undo(run_id: str, sheet: Sheet) -> None:
    """Take the last answer back that was given on this sheet."""
    mine = {pair.digest: pair for pair in sheet.open}
    last = next((mine[digest] for digest in reversed(list(sheet.said)) if digest in mine), None)
    if last is not None:
        st.button(
            _("Take back the last"),
            icon=":material/undo:",
            key="label_undo",
            shortcut="z",
            on_click=_choose,
            args=(run_id, last, None, sheet.seed),
        )


def _choose(run_id: str, pair: AnswerPair, choice: Choice | None, seed: int) -> None:
    state.remember(_PROBLEM, None)
    try:
        save_choice(state.store(), run_id, pair, choice, seed)
    except FtdecideError as error:
        state.remember(_PROBLEM, str(error))


def _leave() -> None:
    st.query_params.pop(LABEL, None)


def show_judgements(view: RunView) -> None:
    """Show what judge and people say of the answers, and lead to the screen on which people label."""
    if view.experiment.judge is None and view.experiment.grader.kind == "label":
        return
    found = _pairs(view)
    judged = [judge_contrast(state.store(), found, place) for place in range(len(found.contrasts))]
    if not any(each.n > each.settled for each in judged if each):
        return
    st.subheader(_("Answers compared side by side"), anchor=False)
    for place, each in enumerate(judged, start=1):
        if each is not None and each.n > each.settled:
            _show_judgement(found, each, place)


def _show_judgement(found: JudgedPairs, judged: Judgement, place: int) -> None:
    with st.container(border=True):
        names = (arm_words(judged.arm).capitalize(), arm_words(judged.baseline))
        title = _("{arm} against {baseline}").format(arm=names[0], baseline=names[1])
        st.markdown(f"**{show.plain(title)}**  \n{show.plain(judged.text)}")
        for note in judged.notes:
            st.warning(show.plain(note), icon=":material/warning:")
        st.caption(show.plain(_figures(judged)))
        sheet = sheet_of(state.store(), found, place - 1)
        if sheet.open:
            words = _("Go on labelling") if sheet.done else _("Label pairs blindly")
            words = words if sheet.next else _("Look at the labelling again")
            left = plural("{n} pair left", "{n} pairs left", len(sheet.open) - sheet.done)
            st.button(
                f"{words} ({left})", icon=":material/balance:", on_click=_enter, args=(place,), key=f"enter_{place}"
            )


def _figures(judged: Judgement) -> str:
    parts = [plural("{n} pair", "{n} pairs", judged.n)]
    if judged.settled:
        parts.append(_("{n} settled without asking, as equal or failed").format(n=judged.settled))
    parts.append(_("{n} labelled by people").format(n=judged.labelled))
    if judged.by_people is not None:
        parts.append(_("people alone say {points} points").format(points=signed(judged.by_people)))
    if judged.flip_rate is not None:
        parts.append(_("order changed the verdict in {share:.0f} %").format(share=100 * judged.flip_rate))
    if judged.kappa is not None:
        parts.append(_("agreement with people (kappa) {kappa:.2f}").format(kappa=judged.kappa))
    if judged.calls:
        tokens = judged.prompt_tokens + judged.completion_tokens
        parts.append(_("judge: {calls} calls, {tokens} tokens").format(calls=judged.calls, tokens=tokens))
    if judged.cost_usd:
        parts.append(_("{usd:.4f} USD").format(usd=judged.cost_usd))
    return " · ".join(parts)


def _enter(place: int) -> None:
    st.query_params[LABEL] = str(place)


def _pairs(view: RunView) -> JudgedPairs:
    return _load_pairs(view.id, str(view.finished_at))


@st.cache_resource(max_entries=8, show_spinner=False)
def _load_pairs(run_id: str, ended: str) -> JudgedPairs:  # noqa: ARG001 - another end is another key of the cache
    """Read the pairs of an ended run once; a run that is taken up again ends anew."""
    return load_pairs(state.store(), run_id)
