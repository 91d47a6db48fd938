"""One row of a data set as people can read it: who says what, or where it breaks; personal data is masked."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import streamlit as st

from ftdecide.dataset.jsonl import parse_line
from ftdecide.dataset.lines import Line, read_lines
from ftdecide.dataset.read import stream_examples, tell_kind
from ftdecide.dataset.signs.masking import mask_personal
from ftdecide.dataset.source import Opened, open_source
from ftdecide.dataset.types import Example, Message, Problem
from ftdecide.translation import _
from pages.parts import show
from pages.parts.audit_source import File

MOST_CHARACTERS = 20_000
_FOLDED_FROM, _FOLDED_PIXELS = 700, 220
_NEAR_CHARACTERS = 80
_WHO = {
    "system": _("Instructions (system)"),
    "developer": _("Instructions (developer)"),
    "user": _("Asked (user)"),
    "assistant": _("Answer (assistant)"),
    "tool": _("Result of a tool"),
    "function": _("Result of a tool"),
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "/": "/"}
_ESCAPE = re.compile(r"\\(?:([ntr/])|u([0-9a-fA-F]{4}))")


class Row(NamedTuple):
    """Texts with who said them, what is wrong with the row, and whether something was masked."""

    texts: tuple[tuple[str, str], ...]
    problem: str = ""
    is_masked: bool = False


@st.cache_data(
    max_entries=60,
    show_spinner=_("Looking the line up …"),
    scope="session",
    hash_funcs={File: lambda file: (file.digest, file.name)},
)
def read_row(file: File, line: int) -> Row | None:
    """Read the row that starts on a line, counted from 1; None where no row does."""
    with open_source(file.rewound()) as opened:
        is_table = tell_kind(opened.stream, file.name) == "table"
        item = _find_in_table(opened, file.name, line) if is_table else None
        found = _find_line(opened, line)
    raw = found.text.rstrip("\r\n")
    if not is_table and (found.problem or raw):
        item = found.problem or parse_line(raw, line)
    if item is None:
        return None
    if isinstance(item, Problem):
        texts, problem = (*_near_fault(raw), (_("The line as it stands in the file"), _unescape(raw))), item.text
    else:
        texts, problem = tuple(_tell(item)), ""
    masked = tuple((who, mask_personal(text)) for who, text in texts if text)
    return Row(masked, problem, is_masked=masked != tuple(pair for pair in texts if pair[1]))


def _find_in_table(opened: Opened, name: str, line: int) -> Example | Problem | None:
    opened.stream.seek(0)
    found = next((item for item in stream_examples(opened.stream, name) if item.line >= line), None)
    return found if found and found.line == line else None


def _find_line(opened: Opened, line: int) -> Line:
    opened.stream.seek(0)
    return next(islice(read_lines(opened.stream), line - 1, line), Line(line, ""))


def _tell(example: Example) -> Iterator[tuple[str, str]]:
    for message in example.messages:
        yield from _tell_message(message, _WHO.get(message.role, message.role))
    for message in example.rejected:
        yield from _tell_message(message, _("The answer that was not preferred"))
    yield _("Tools on offer"), _unescape(example.tools)


def _tell_message(message: Message, who: str) -> Iterator[tuple[str, str]]:
    unlearned = _("{who}, not learned (weight 0)").format(who=who)
    yield who if message.weight else unlearned, message.content or ("" if message.calls else _("(empty)"))
    yield _("Call of a tool"), _unescape(message.calls)


def _near_fault(raw: str) -> Iterable[tuple[str, str]]:
    """The place where JSON breaks, with a mark and what stands around it."""
    try:
        json.loads(raw)
    except json.JSONDecodeError as error:
        # Masked before it is cut, as half a number would not be known for one.
        before, after = (mask_personal(_unescape(part)) for part in (raw[: error.pos], raw[error.pos :]))
        yield _("Here it breaks (▶)"), f"{before[-_NEAR_CHARACTERS:]}▶{after[:_NEAR_CHARACTERS]}"
    except (ValueError, RecursionError):
        return


def _unescape(raw: str) -> str:
    """Write escapes of JSON out, so that nothing personal hides behind them."""
    return (
        _ESCAPE.sub(lambda match: _ESCAPES[match[1]] if match[1] else chr(int(match[2], 16)), raw)
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
    )


def show_row(file: File, line: int) -> None:
    """Show the row that starts on a line."""
    row = read_row(file, line)
    with st.container(border=True, gap="xsmall"):
        st.markdown(
            f":material/article: **{_('Line {line:,} of {name}').format(line=line, name=show.plain(file.name))}**"
        )
        if row is None:
            st.caption(_("No row starts on this line."))
            return
        if row.problem:
            st.markdown(f":red-badge[:material/error: {_('Cannot be read')}] {show.plain(row.problem)}")
        for who, text in row.texts:
            st.caption(who)
            show_text(text)
        if row.is_masked:
            st.caption(
                _("What looks like an address, a number or a key of somebody is replaced by words in square brackets.")
            )


def show_text(text: str) -> None:
    """Show a text of a data set as it is, never as markup; a long one in a box to scroll in."""
    height = _FOLDED_PIXELS if len(text) > _FOLDED_FROM else "content"
    st.code(text[:MOST_CHARACTERS], language=None, wrap_lines=True, height=height)
    if len(text) > MOST_CHARACTERS:
        told = _("The first {shown:,} of {n:,} characters are shown.")
        st.caption(told.format(shown=MOST_CHARACTERS, n=len(text)))


def show_any_row(file: File) -> None:
    """Let a person open a line by its number; the first one stands there as an example."""
    box = st.expander(_("Look at the rows"), icon=":material/table_rows:", key="data_rows", on_change="rerun")
    if not box.open:
        return
    with box:
        line = st.number_input(_("Line"), min_value=1, value=1, step=1, key="data_row", width=160)
        show_row(file, int(line))
