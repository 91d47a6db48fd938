"""What the asserts of one promptfoo test expect, and the one grader that marks all tests of a file alike."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Literal, cast

from pydantic import Field

from ftdecide.errors import InputError
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.promptfoo.asserts import json_text, values_of
from ftdecide.experiment.promptfoo.template import plain_value
from ftdecide.experiment.types import Part
from ftdecide.translation import _

Kind = Literal["exact", "contains", "fields", "json"]
Assert = Mapping[str, object]
_CODE = frozenset({"javascript", "python", "ruby", "webhook", "fn", "file", "eval"})
_ABOUT_ELSE = frozenset({"cost", "latency", "perplexity", "perplexity-score"})
_ONE_TEXT = ("contains", "icontains")
_SEVERAL_TEXTS = ("contains-any", "icontains-any")
_JSON = ("is-json", "contains-json")
_PREFIX = re.compile(r"\A([a-z][a-z-]*)(?:\([0-9.]+\))?\s*:(.*)\Z", re.DOTALL)
_SEPARATORS = ("|", "¦", "‖", "§")
_REGEX_SIGNS = re.compile(r"\\[^\w\s]|[^\\^$.*+?{}\[\]()]")


class Expected(Part):
    """What one test wants: texts of which one will do, a record, or only JSON; `where` names the test."""

    kind: Kind
    texts: tuple[str, ...] = ()
    record: dict[str, object] = Field(default_factory=dict[str, object])
    where: str = ""

    def reference(self, grader: GraderPlan) -> str:
        """Return the right answer in the form in which `grader` reads it."""
        if self.kind == "contains":
            return f" {grader.separator} ".join(self.texts)
        if self.kind == "fields":
            return json.dumps(self.record, ensure_ascii=False)
        return self.texts[0] if self.texts else "{}"


def expect_cell(text: str, where: str) -> Assert:
    """Return the assert that a cell of the column `__expected` stands for; a plain text is to be equalled."""
    text = text.strip()
    if text in _JSON:
        return {"type": text}
    found = _PREFIX.match(text)
    name = found.group(1) if found else ""
    if name in ("grade", "similar") or (name and _known(name)):
        value: object = found.group(2).strip() if found else ""
        if name in _SEVERAL_TEXTS:
            value = [part.strip() for part in str(value).split(",")]
        return {"type": name, "value": value}
    return {"type": "equals", "value": plain_value(text, where)}


def expect(asserts: Sequence[Assert], where: str) -> Expected:
    """Return what the asserts of a test expect together.

    Raises:
        InputError: one cannot be used here, there are none, or there are several that one grader cannot join.
    """
    found = [each for each in (_expect_one(part, where) for part in asserts) if each is not None]
    if len(found) > 1 and any(each.kind != "json" for each in found):
        found = [each for each in found if each.kind != "json"]
    if found and all(each.kind == "fields" for each in found):
        record = {name: value for each in found for name, value in each.record.items()}
        return Expected(kind="fields", record=record, where=where)
    if len(found) != 1:
        text = _("{where}: one assert about the answer is needed, found {n}; keep the one that counts")
        raise InputError(text.format(where=where, n=len(found)))
    return found[0]


def one_grader(expected: Sequence[Expected]) -> GraderPlan:
    """Return the grader for all tests of a file.

    Raises:
        InputError: the tests want different kinds of answers, or one that no grader here marks.
    """
    kinds = {each.kind: each for each in reversed(expected)}
    if len(kinds) > 1:
        text = _("{one} and {other} are judged in different ways; use one kind of assert in a file")
        one, other = sorted(kinds.values(), key=expected.index)[:2]
        raise InputError(text.format(one=one.where, other=other.where))
    kind = next(iter(kinds))
    if kind == "json":
        return GraderPlan(kind="json_schema", json_schema={})
    plan: dict[str, object] = {"kind": kind}
    if kind == "contains":
        plan["separator"] = _separator(expected)
    if kind == "fields":
        plan["fields"] = tuple(dict.fromkeys(field for each in expected for field in each.record))
    return GraderPlan.model_validate(plan)


def _expect_one(part: Assert, where: str) -> Expected | None:
    kind, value = str(part.get("type", "")), part.get("value")
    if part.get("transform") or kind in _CODE or str(value).startswith(("file://", "package:")):
        text = _(
            "{where}: an assert of type {kind!r} runs code, which is never done here; use equals, contains or regex"
        )
        raise InputError(text.format(where=where, kind=kind or "transform"))
    return None if kind in _ABOUT_ELSE else _expect_answer(kind, value, where)


def _expect_answer(kind: str, value: object, where: str) -> Expected:
    if kind == "equals" and isinstance(value, dict):
        return Expected(kind="fields", record=cast("dict[str, object]", value), where=where)
    if kind in ("equals", *_ONE_TEXT):
        return _texts("exact" if kind == "equals" else "contains", [plain_value(value, where)], where)
    if kind in _SEVERAL_TEXTS and isinstance(value, list):
        texts = [plain_value(each, where) for each in cast("list[object]", value)]
        return _texts("contains", texts, where)
    if kind == "regex":
        return _texts("contains", _alternatives(json_text(value), where), where)
    if kind in _JSON:
        return _json(value, where)
    text = _(
        "{where}: asserts of type {kind!r} cannot be used here; use equals, contains, contains-any, regex or is-json"
    )
    raise InputError(text.format(where=where, kind=kind))


def _texts(kind: Kind, texts: Sequence[str], where: str) -> Expected:
    filled = tuple(text for text in texts if text.strip())
    if not filled:
        raise InputError(_("{where}: the assert names no text; write the right answer").format(where=where))
    return Expected(kind=kind, texts=filled, where=where)


def _json(value: object, where: str) -> Expected:
    if value is None:
        return Expected(kind="json", where=where)
    record = values_of(value)
    if record is None:
        text = _("{where}: its JSON schema leaves values open; name each with const or enum, or leave the schema out")
        raise InputError(text.format(where=where))
    return Expected(kind="fields", record=record, where=where)


def _alternatives(pattern: str, where: str) -> list[str]:
    """Return the plain texts that a pattern such as `(four|4)` allows; word boundaries are the grader's own rule."""
    bare = re.sub(r"\A\(\?i\)|\\b", "", pattern)
    bare = bare[1:-1].removeprefix("?:") if re.fullmatch(r"\([^()]*\)", bare) else bare
    found = bare.split("|")
    if not all("".join(_REGEX_SIGNS.findall(part)) == part for part in found):
        text = _(
            "{where}: the pattern {pattern!r} is more than plain texts parted by |, so no right answer can be read from"
            " it; use contains or contains-any"
        )
        raise InputError(text.format(where=where, pattern=pattern))
    return [re.sub(r"\\(.)", r"\1", part) for part in found]


def _separator(expected: Sequence[Expected]) -> str:
    texts = [text for each in expected for text in each.texts]
    found = next((sign for sign in _SEPARATORS if not any(sign in text for text in texts)), None)
    if found is None:
        raise InputError(_("the contained texts use every sign that could part them; remove one of | ¦ ‖ §"))
    return found


def _known(name: str) -> bool:
    bare = name.removeprefix("not-")
    every = (*_CODE, *_ABOUT_ELSE, *_ONE_TEXT, *_SEVERAL_TEXTS, *_JSON, "equals", "regex", "llm-rubric", "contains-all")
    return bare in every or bare in ("starts-with", "levenshtein", "rouge-n", "model-graded-closedqa", "factuality")
