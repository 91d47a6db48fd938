"""Reading promptfoo's test files into questions with right answers, and the grader that their asserts amount to.

YAML and JSON files hold a configuration with `tests` or a list of tests; CSV files name variables as columns and put
asserts in `__expected`. Everything that would run code (javascript, python) or ask a model is refused by name. The form
is that of https://www.promptfoo.dev/docs/configuration/test-cases (read 2026-11-22).
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import cast

from ftdecide.documents import parse_document
from ftdecide.errors import InputError
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.promptfoo.expect import Expected, expect, expect_cell, one_grader
from ftdecide.experiment.promptfoo.template import plain_value
from ftdecide.experiment.types import Part
from ftdecide.translation import _

Document = Mapping[str, object]
EXPECTED = "__expected"
QUESTION_NAMES = ("question", "input", "prompt", "query", "text", "message", "user_input")
_SYSTEM_NAMES = ("system", "system_prompt")


class PromptfooTest(Part):
    """One test as a question with its right answer; `line` is its place in the file, from 1."""

    question: str
    reference: str
    line: int
    system: str = ""
    group: str = ""


class PromptfooTests(Part):
    """The tests of a file, and the grader that marks answers as its asserts do."""

    tests: tuple[PromptfooTest, ...]
    grader: GraderPlan


def is_promptfoo(name: str, raw: bytes) -> bool:
    """Say whether a file is promptfoo's: by its ending, or by what only its tests have."""
    low, head = name.lower(), raw[:4096]
    if low.endswith((".yaml", ".yml")):
        return True
    if low.endswith(".json"):
        return b'"vars"' in raw or b'"tests"' in head
    return low.endswith(".csv") and EXPECTED.encode() in head.partition(b"\n")[0]


def read_promptfoo(raw: bytes, name: str) -> PromptfooTests:
    """Return the tests of a file.

    Raises:
        InputError: it is no such file, a test has no assert that can be used, or they mix several kinds.
    """
    found = _read_table(raw, name) if name.lower().endswith(".csv") else _read_document(parse_document(raw, name), name)
    if not found:
        raise InputError(_("{name!r} has no tests; it needs at least one with vars and an assert").format(name=name))
    grader = one_grader([expected for _test, expected in found])
    tests = (test.model_copy(update={"reference": expected.reference(grader)}) for test, expected in found)
    return PromptfooTests(tests=tuple(tests), grader=grader)


def _read_document(document: object, name: str) -> list[tuple[PromptfooTest, Expected]]:
    defaults: Document = {}
    tests = document
    if isinstance(document, dict):
        config = cast("Document", document)
        tests, defaults = config.get("tests"), _mapping(config.get("defaultTest"), name, _("defaultTest"))
    if isinstance(tests, str):
        text = _("{name!r}: tests stand in {file!r}; choose that file instead")
        raise InputError(text.format(name=name, file=tests))
    if not isinstance(tests, list):
        raise InputError(_("{name!r} has no list of tests; it is no promptfoo file").format(name=name))
    return [_read_test(test, defaults, name, place) for place, test in enumerate(cast("list[object]", tests), start=1)]


def _read_test(test: object, defaults: Document, name: str, place: int) -> tuple[PromptfooTest, Expected]:
    where = _("{name!r}, test {place}").format(name=name, place=place)
    if isinstance(test, str):
        raise InputError(_("{where}: it stands in {file!r}; choose that file instead").format(where=where, file=test))
    mine = _mapping(test, name, where)
    _refuse_code(mine, where)
    _refuse_code(defaults, _("{name!r}, defaultTest").format(name=name))
    values = {**_vars(defaults, where), **_vars(mine, where)}
    asserts = [*_asserts(mine, where), *_asserts(defaults, where)]
    metadata = mine.get("metadata")
    group = cast("Document", metadata).get("group", "") if isinstance(metadata, dict) else ""
    return _test(values, place, where, group=str(group)), expect(asserts, where)


def _read_table(raw: bytes, name: str) -> list[tuple[PromptfooTest, Expected]]:
    try:
        rows = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        cells = [(rows.line_num, row) for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            _("{name!r} is no CSV in UTF-8 ({why}); save it as such").format(name=name, why=error)
        ) from error
    found: list[tuple[PromptfooTest, Expected]] = []
    for line, row in cells:
        where = _("{name!r}, line {line}").format(name=name, line=line)
        named = {str(key).strip(): value for key, value in row.items() if key is not None and value is not None}
        values = {key: plain_value(value, where) for key, value in named.items() if not key.startswith("__")}
        wanted = [value for key, value in named.items() if key.rstrip("0123456789") == EXPECTED and value.strip()]
        asserts = [expect_cell(each, where) for each in wanted]
        found.append((_test(values, line, where), expect(asserts, where)))
    return found


def _test(values: Mapping[str, str], line: int, where: str, *, group: str = "") -> PromptfooTest:
    system = next((values[key] for key in _SYSTEM_NAMES if key in values), "")
    asked = {key: value for key, value in values.items() if key not in _SYSTEM_NAMES and value.strip()}
    if not asked:
        raise InputError(_("{where}: there are no vars to ask about; add one, such as question").format(where=where))
    named = next((key for key in QUESTION_NAMES if key in asked), None)
    if named is not None and all(key == named or key.startswith(f"{named}_") for key in asked):
        question = asked[named]
    elif len(asked) == 1:
        question = next(iter(asked.values()))
    else:
        question = "\n".join(f"{key}: {value}" for key, value in asked.items())
    return PromptfooTest(question=question, reference="", line=line, system=system, group=group)


def _vars(test: Document, where: str) -> dict[str, str]:
    return {key: plain_value(value, where) for key, value in _mapping(test.get("vars"), where, where).items()}


def _asserts(test: Document, where: str) -> Sequence[Document]:
    asserts = test.get("assert", [])
    if not isinstance(asserts, list):
        raise InputError(_("{where}: assert should be a list").format(where=where))
    return [_mapping(each, where, where) for each in cast("list[object]", asserts)]


def _refuse_code(test: Document, where: str) -> None:
    options = test.get("options")
    if isinstance(options, dict) and cast("Document", options).get("transform"):
        text = _("{where}: options.transform is code, which is never run here; remove it")
        raise InputError(text.format(where=where))


def _mapping(value: object, name: str, where: str) -> Document:
    if value is None:
        return {}
    if not isinstance(value, dict):
        text = _("{where}: expected names with values, found {value!r}; mend {name!r}")
        raise InputError(text.format(where=where, value=value, name=name))
    return cast("Document", value)
