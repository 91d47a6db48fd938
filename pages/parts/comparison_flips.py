"""The rows that one option got right and its rival did not, with both answers side by side."""

from typing import Any

import streamlit as st

from ftdecide.experiment.run_words import arm_words
from ftdecide.experiment.types import Flip, Summary
from ftdecide.translation import _, plural


def show_flips(summary: Summary) -> None:
    """List the rows that flipped for a pair of options; a row that is chosen shows both answers in full."""
    pairs = list(dict.fromkeys((flip.arm, flip.baseline) for flip in summary.flips))
    if not pairs:
        return
    st.subheader(_("Rows that flipped"), anchor=False)
    chosen = st.selectbox(
        _("Which pair"),
        pairs,
        index=next((place for place, pair in enumerate(pairs) if pair[0] == "fine_tuned"), 0),
        format_func=lambda pair: _("{arm} against {baseline}").format(
            arm=arm_words(pair[0]).capitalize(), baseline=arm_words(pair[1])
        ),
        key="flip_pair",
    )
    flips = [flip for flip in summary.flips if (flip.arm, flip.baseline) == chosen]
    flips.sort(key=lambda flip: (flip.won, flip.line))
    table: Any = st.dataframe(
        [_flip_row(flip) for flip in flips],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"flips:{chosen}",
        alt=plural("{n} row that flipped, with both answers", "{n} rows that flipped, with both answers", len(flips)),
    )
    picked: list[int] = table.selection.rows
    place = picked[0] if picked and picked[0] < len(flips) else 0
    if not picked:
        st.caption(_("Choose a row to read it in full; this is the first."))
    show_flip(flips[place])


def show_flip(flip: Flip) -> None:
    """Show one row with both answers side by side."""
    with st.container(border=True):
        st.markdown(f"**{_('Question')}** :small[{_('test line {line}').format(line=flip.line)}]")
        _show_text(flip.prompt)
        st.markdown(f"**{_('Right answer')}**")
        _show_text(flip.reference)
        for side, name, text, right in zip(
            st.columns(2),
            (flip.arm, flip.baseline),
            (flip.answer, flip.baseline_answer),
            (flip.won, not flip.won),
            strict=True,
        ):
            word = (
                f":green-badge[:material/check: {_('better')}]"
                if right
                else f":red-badge[:material/close: {_('worse')}]"
            )
            side.markdown(f"**{arm_words(name).capitalize()}** {word}")
            with side:
                _show_text(text)


def _show_text(text: str) -> None:
    if text.strip():
        st.code(text, language=None, wrap_lines=True)
    else:
        st.markdown(f":gray[{_('(empty)')}]")


def _flip_row(flip: Flip) -> dict[str, object]:
    return {
        _("Outcome"): _("won") if flip.won else _("lost"),
        _("Right answer"): flip.reference,
        arm_words(flip.arm).capitalize(): flip.answer,
        arm_words(flip.baseline).capitalize(): flip.baseline_answer,
        _("Question"): flip.prompt,
        _("Test line"): flip.line,
    }
