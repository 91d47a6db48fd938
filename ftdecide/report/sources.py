"""The addresses that a printed report refers to by number."""

from collections.abc import Sequence

from ftdecide.report.outline import Line, Span
from ftdecide.report.types import Record, Source


def list_addresses(record: Record) -> tuple[str, ...]:
    """Return every address that reasons and conditions name, once, in the order in which they come."""
    named = (*record.reasons, *record.gates)
    return tuple(dict.fromkeys(part.source.url for part in named if part.source.url is not None))


def cite_source(source: Source, addresses: Sequence[str]) -> Line:
    """Return a reference to a source: the number of its address as a link, or its words; nothing where it has none."""
    if source.url is not None:
        return (Span(text=" "), Span(text=f"[{addresses.index(source.url) + 1}]", url=source.url))
    return (Span(text=f" · {source.text}", tone="soft"),) if source.text else ()
