# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# The stubs of PyYAML leave the parameters of `parse` and `add_implicit_resolver` without types.
"""YAML as its version 1.2 and people mean it, and bounded, so that no file can exhaust memory or stack."""

import re
from typing import Any, Protocol, cast

import yaml

MAX_DEPTH = 100
MAX_VALUES = 1_000_000
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_PARSER_DEPTH = "maximum nesting depth"  # what PyYAML says from 6.0.4 on

_SCALARS = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
}
"""Section 10.3.2 of the specification: what a plain scalar looks like, and its possible first characters."""

_RESOLVED_OTHERWISE = frozenset(f"tag:yaml.org,2002:{name}" for name in ("timestamp", *_SCALARS))


class _Loader(yaml.CSafeLoader):
    """`yes`, `2026-11-22` and `1:30` are texts, `1e5` is a number, `010` is ten; a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - overrides
        """Refuse a key that stands twice, of which one would be lost silently."""
        seen: set[str] = set()
        for key, _value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Read a whole number to the base that its prefix names; a leading zero means nothing."""
        text = str(node.value)
        base = {"0x": 16, "0o": 8}.get(text[:2], 10)
        return int(text, base)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _RESOLVED_OTHERWISE]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
for _name, (_pattern, _firsts) in _SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_pattern})$"), list(_firsts))
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


def load_yaml(text: str) -> object:
    """Return what one YAML document holds.

    Raises:
        yaml.YAMLError: not YAML, a key stands twice, deeper than `MAX_DEPTH`, or more than `MAX_VALUES` values.
    """
    try:
        _measure(text)
    except yaml.MarkedYAMLError as error:
        if _PARSER_DEPTH in str(error.problem):  # its scanner may look so far ahead that it stops before we do
            raise yaml.MarkedYAMLError(problem=_TOO_DEEP, problem_mark=error.problem_mark) from error
        raise
    return yaml.load(text, _Loader)  # noqa: S506 - a subclass of the safe loader


class _Event(Protocol):
    anchor: str | None
    start_mark: yaml.Mark


def _measure(text: str) -> None:
    """Refuse what would be too deep or, with every alias written out, too much; the parser itself knows no bounds."""
    values = 0
    open_anchors: list[tuple[str | None, int]] = []
    sizes: dict[str | None, int] = {}
    for each in yaml.parse(text, yaml.CSafeLoader):
        event = cast("_Event", each)
        if isinstance(each, yaml.CollectionEndEvent):
            anchor, before = open_anchors.pop()
            sizes[anchor] = values - before
        elif isinstance(each, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _before in open_anchors):
                raise _refusal(f"*{event.anchor} stands inside of what it repeats", event)
            values += sizes.get(event.anchor, 1)
        elif isinstance(each, yaml.NodeEvent):
            values += 1
            if isinstance(each, yaml.CollectionStartEvent):
                open_anchors.append((event.anchor, values))
            else:
                sizes[event.anchor] = 1
        if len(open_anchors) > MAX_DEPTH:
            raise _refusal(_TOO_DEEP, event)
        if values > MAX_VALUES:
            raise _refusal(f"more than {MAX_VALUES:,} values, counting what aliases repeat", event)


def _refusal(problem: str, event: _Event) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
