"""What a training file looks like, with tiny examples to copy."""

import json

import streamlit as st

from ftdecide.translation import _

_ASKED, _SAID = _("My parcel has not arrived, order 4711."), _("LOG-7")
_ASKED_AGAIN, _SAID_AGAIN = _("I was charged twice this month."), _("BIL-2")


def show_formats() -> None:
    """Explain training files to somebody who has never seen one."""
    box = st.expander(
        _("What does a training file look like?"), icon=":material/help:", key="data_formats", on_change="rerun"
    )
    if not box.open:
        return
    with box:
        st.markdown(
            _(
                "A text file with one example on each line: what a customer asks, and the answer you want. The model "
                "learns to answer like that. A spreadsheet with two columns, saved as CSV (UTF-8), is enough to begin "
                "with; providers want JSON Lines (.jsonl), where each line stands in braces. You need at least 10 "
                "examples, and some 50 to 100 good ones for a first try."
            )
        )
        names = [_("Spreadsheet (CSV)"), _("Chat"), _("Prompt and completion"), _("Preference pairs")]
        notes = [
            _("The first row names the columns. Question and answer, text and label, input and output work as well."),
            _("What OpenAI, Azure and most others want. An instruction for all may stand first as a system message."),
            _("The shortest form of JSON Lines; Hugging Face TRL reads it as it is."),
            _("A better and a worse answer to the same request, for tuning by preferences (DPO)."),
        ]
        for tab, note, text in zip(st.tabs(names), notes, _texts(), strict=True):
            tab.caption(note)
            tab.code(text, language=None, wrap_lines=True)


def _texts() -> tuple[str, ...]:
    rows = [(_ASKED, _SAID), (_ASKED_AGAIN, _SAID_AGAIN)]
    user = [[{"role": "user", "content": asked}] for asked, _said in rows]
    chat = [
        {"messages": [*turns, {"role": "assistant", "content": said}]}
        for turns, (_asked, said) in zip(user, rows, strict=True)
    ]
    pairs = [{"prompt": asked, "completion": said} for asked, said in rows]
    preference = [
        {
            "input": {"messages": turns},
            "preferred_output": [{"role": "assistant", "content": said}],
            "non_preferred_output": [{"role": "assistant", "content": _("I do not know.")}],
        }
        for turns, (_asked, said) in zip(user, rows, strict=True)
    ]
    table = "\n".join(["prompt,completion", *(f'"{asked}","{said}"' for asked, said in rows)])
    return (
        table,
        *("\n".join(json.dumps(row, ensure_ascii=False) for row in kind) for kind in (chat, pairs, preference)),
    )
