"""Files that people bring along for a comparison: kept under the home folder by their content.

A plan names them relative to `files_folder`, so it stays true when the home folder moves and shows nobody's paths.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ftdecide.dataset.read import Example, read_examples
from ftdecide.dataset.split import split_examples
from ftdecide.errors import InputError
from ftdecide.experiment.grader_plan import GraderPlan
from ftdecide.experiment.groups import GROUP, read_groups
from ftdecide.experiment.identity import seeded_order
from ftdecide.experiment.promptfoo.read import PromptfooTest, is_promptfoo, read_promptfoo
from ftdecide.experiment.types import Part
from ftdecide.settings import Settings
from ftdecide.translation import _

_LONGEST_NAME = 60


class Kept(Part):
    """A file of rows that is kept: its path relative to `files_folder`, and the grader that its asserts ask for."""

    path: str
    grader: GraderPlan | None = None


def files_folder(settings: Settings) -> Path:
    """Return the folder under which the files of plans made on the page are kept."""
    return settings.home / "files"


def keep_rows(settings: Settings, name: str, raw: bytes) -> Kept:
    """Keep a file of rows; promptfoo's tests become rows with the grader that they ask for.

    Raises:
        InputError: promptfoo's tests cannot be used.
    """
    if not is_promptfoo(name, raw):
        return Kept(path=_keep(settings, name, raw))
    found = read_promptfoo(raw, name)
    lines = "".join(f"{_test_line(test)}\n" for test in found.tests)
    return Kept(path=_keep(settings, f"{Path(name).stem}.jsonl", lines.encode()), grader=found.grader)


def keep_documents(settings: Settings, files: Sequence[tuple[str, bytes]]) -> str:
    """Keep documents to look things up in: one JSON Lines file, or texts that make up a folder; return the path.

    Raises:
        InputError: a JSON Lines file comes with other files.
    """
    listed = [name for name, _raw in files if name.lower().endswith(".jsonl")]
    if listed and len(files) > 1:
        raise InputError(_("{name!r} holds all documents already; choose it alone").format(name=listed[0]))
    if listed:
        return _keep(settings, *files[0])
    digest = hashlib.sha256(json.dumps([[name, hashlib.sha256(raw).hexdigest()] for name, raw in files]).encode())
    folder = Path(digest.hexdigest()[:16])
    for name, raw in files:
        _write(files_folder(settings) / folder / _safe(name), raw)
    return folder.as_posix()


def set_aside(settings: Settings, kept: str, *, test_share: float, seed: int) -> tuple[str, str]:
    """Divide a file into a part to learn from and a part to measure on; return their paths.

    Rows of one group, and rows that ask the same, stay on one side.

    Raises:
        InputError: a line of the file cannot be read, or one part would be empty.
    """
    path = files_folder(settings) / kept
    examples, groups = read_examples(path), read_groups(path)
    train, test = _divide(examples, groups, test_share, seed)
    if not train or not test:
        raise InputError(_("{name!r} has too few rows to set some aside; bring a test file").format(name=path.name))
    parts = (("train", train), ("test", test))
    made = ["".join(f"{_line(each, groups.get(each.line, ''))}\n" for each in part) for _name, part in parts]
    stem = path.stem
    first, second = (
        _keep(settings, f"{stem}-{name}.jsonl", text.encode()) for (name, _), text in zip(parts, made, strict=True)
    )
    return first, second


def _divide(
    examples: Sequence[Example], groups: dict[int, str], test_share: float, seed: int
) -> tuple[list[Example], list[Example]]:
    if not groups:
        train, test = split_examples(examples, test_share=test_share, seed=seed)
        return list(train), list(test)
    units: dict[str, list[Example]] = {}
    for example in examples:
        units.setdefault(groups.get(example.line) or f"\n{example.line}", []).append(example)
    wanted, chosen = round(test_share * len(examples)), set[str]()
    for name in sorted(units, key=lambda each: seeded_order(seed, each)):
        if sum(len(units[each]) for each in chosen) + len(units[name]) / 2 <= wanted:
            chosen.add(name)
    test = [each for name in chosen for each in units[name]]
    lines = {each.line for each in test}
    return [each for each in examples if each.line not in lines], sorted(test, key=lambda each: each.line)


def _test_line(test: PromptfooTest) -> str:
    system = [("system", test.system)] if test.system else []
    return _chat([*system, ("user", test.question), ("assistant", test.reference)], test.group)


def _line(example: Example, group: str) -> str:
    return _chat([(message.role, message.content) for message in example.messages], group)


def _chat(turns: Iterable[tuple[str, str]], group: str) -> str:
    row: dict[str, object] = {"messages": [{"role": role, "content": content} for role, content in turns]}
    return json.dumps({**row, GROUP: group} if group else row, ensure_ascii=False)


def _keep(settings: Settings, name: str, raw: bytes) -> str:
    path = Path(hashlib.sha256(raw).hexdigest()[:16]) / _safe(name)
    _write(files_folder(settings) / path, raw)
    return path.as_posix()


def _write(path: Path, raw: bytes) -> None:
    """Write a file whole or not at all; its name stands for its content, so one that is there stays."""
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(raw)
    draft.replace(path)


def _safe(name: str) -> str:
    """Return a file's name as it may be used under the home folder: no folders, no hidden names, no odd characters."""
    bare = re.sub(r"[^\w.-]+", "-", name.replace("\\", "/").rpartition("/")[2]).lstrip(".-")
    stem, dot, ending = bare.rpartition(".")
    return f"{(stem or 'file')[:_LONGEST_NAME]}{dot}{ending[:10]}" if dot else (bare[:_LONGEST_NAME] or "file")
