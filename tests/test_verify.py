"""A decision record is worked out again from itself, and every changed digit is found."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftdecide.assessment.types import read_assessment
from ftdecide.cli import main
from ftdecide.decision import decide
from ftdecide.errors import InputError
from ftdecide.report import verify
from ftdecide.report.hashes import hash_data
from ftdecide.report.record import checksum_of, make_record, record_json
from ftdecide.report.verification_words import tell_verification
from ftdecide.report.verify import Verification, verify_record
from ftdecide.settings import DATA
from tests.assessment_strategy import assessments
from tests.test_report import EXAMPLES, RUN, TODAY, record_of

PRODUCT_TEXTS = DATA / "examples" / "product_texts.json"
ROOT = DATA.parent


def stored(path: Path = PRODUCT_TEXTS, run: dict[str, Any] | None = None) -> str:
    return record_json(record_of(json.loads(path.read_text("utf-8")), run))


def verified(folder: Path, text: str) -> Verification:
    file = folder / "record.json"
    file.write_bytes(text.encode())
    return verify_record(file)


def outcome(folder: Path, text: str) -> Verification | str:
    """Return what came of verifying, or why the text was refused."""
    try:
        return verified(folder, text)
    except InputError as error:
        return str(error)


def paths_of(found: Verification) -> set[str]:
    return {difference.path for difference in found.differences}


def changed(text: str, path: list[Any], value: object) -> str:
    document = part = json.loads(text)
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def leaves(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict | list):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, name))
    else:
        yield path, value


def dotted(path: tuple[Any, ...]) -> str:
    return "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in path).lstrip(".")


WITH_RUN = stored(run=RUN)
LEAVES = list(leaves(json.loads(WITH_RUN)))


@pytest.mark.parametrize("run", [None, RUN], ids=["alone", "with a cited run"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_record_of_every_example_comes_out_the_same(tmp_path: Path, path: Path, run: Any) -> None:
    found = verified(tmp_path, stored(path, run))
    assert found.verified
    assert found.same_bytes
    assert found.intact
    assert not found.differences
    assert not found.data_changed


@settings(max_examples=40, deadline=None)
@given(assessments)
def test_the_record_of_any_assessment_comes_out_the_same(tmp_path_factory: Any, assessment: Any) -> None:
    from ftdecide.catalog import load_catalog

    record = make_record(assessment, decide(assessment, TODAY, load_catalog()), RUN)
    found = verified(tmp_path_factory.mktemp("any"), record_json(record))
    assert found.verified, found.differences
    assert found.same_bytes


def another(value: object, draw: st.DataObject) -> object:
    """Return a leaf with one digit or letter changed."""
    if isinstance(value, bool) or value is None:
        return not value
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    places = [place for place, letter in enumerate(text) if letter.isdigit()] or list(range(len(text)))
    if not places:
        return "x"
    place = draw.draw(st.sampled_from(places))
    digit = draw.draw(st.sampled_from([letter for letter in "123456789" if letter != text[place]]))
    new = text[:place] + digit + text[place + 1 :]
    return new if isinstance(value, str) else json.loads(new)


def names(path: tuple[Any, ...], found: Verification) -> bool:
    """Say whether the differences name a changed leaf: by its own path or, for what decides, by the hash over it."""
    if path[0] in ("assessment", "as_of", "run", "comparison"):
        return bool({"fingerprint", "run.shown_sha256", dotted(path)} & paths_of(found))
    return dotted(path) in paths_of(found)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(LEAVES), st.data())
def test_one_changed_digit_anywhere_is_found_and_named(
    tmp_path_factory: Any, leaf: tuple[tuple[Any, ...], Any], data: st.DataObject
) -> None:
    path, value = leaf
    text = changed(WITH_RUN, list(path), another(value, data))
    found = outcome(tmp_path_factory.mktemp("changed"), text)
    if isinstance(found, str):
        assert dotted(path) in found
    else:
        assert not found.verified
        assert not found.intact
        assert names(path, found)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_one_changed_digit_in_the_text_is_found_even_where_the_number_stays_the_same(
    tmp_path_factory: Any, data: st.DataObject
) -> None:
    places = [found.start() for found in re.finditer(r"\d", WITH_RUN)]
    place = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from([letter for letter in "0123456789" if letter != WITH_RUN[place]]))
    found = outcome(tmp_path_factory.mktemp("text"), WITH_RUN[:place] + digit + WITH_RUN[place + 1 :])
    assert isinstance(found, str) or not found.verified


def test_a_number_written_in_another_way_is_a_difference(tmp_path: Path) -> None:
    text = stored()
    found = verified(tmp_path, text.replace('"target_score": 0.85', '"target_score": 0.850'))
    assert paths_of(found) == {"assessment.use_case.target_score"}


def test_another_layout_of_the_same_content_is_verified_and_said(tmp_path: Path) -> None:
    found = verified(tmp_path, json.dumps(json.loads(stored())))
    assert found.verified
    assert not found.same_bytes
    assert "Only the layout" in tell_verification(found)


def test_an_altered_answer_no_longer_fits_the_fingerprint_and_that_is_said(tmp_path: Path) -> None:
    found = verified(tmp_path, changed(stored(), ["assessment", "use_case", "target_score"], 0.86))
    assert {"fingerprint", "checksum", "decision.options[0].p_meets_target"} <= paths_of(found)
    told = tell_verification(found)
    assert "the fingerprint no longer fits: answers, day or cited run" in told
    assert "decision.options[0].p_meets_target: stored 0.08, recomputed 0.0646" in told
    assert "was changed after it was written" in told


def test_an_altered_figure_of_the_run_no_longer_fits_its_hash(tmp_path: Path) -> None:
    found = verified(tmp_path, changed(WITH_RUN, ["comparison", "arms", 1, "score"], 0.81))
    assert "run.shown_sha256" in paths_of(found)
    assert "what is shown of the run was changed" in tell_verification(found)
    assert found.same_decision


def test_changed_data_explain_why_an_intact_record_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = json.loads(stored())
    document["data"]["evidence/effects.yml"] = "0" * 64
    document["decision"]["confidence"] = document["confidence"] = 0.5
    document["version"] = "0.0.1"
    document["checksum"] = checksum_of(document)
    found = verified(tmp_path, json.dumps(document))
    assert found.data_changed == ("evidence/effects.yml",)
    assert found.intact
    assert paths_of(found) == {"data.evidence/effects.yml", "decision.confidence", "confidence", "version"}
    told = tell_verification(found)
    assert "as ftdecide 0.0.1 wrote it" in told
    assert "evidence/effects.yml" in told
    assert "another version may decide otherwise" in told


def test_a_data_file_that_one_side_lacks_counts_as_changed(tmp_path: Path) -> None:
    document = json.loads(stored())
    del document["data"]["gpus.yml"]
    document["data"]["providers/gone.yml"] = "0" * 64
    found = verified(tmp_path, json.dumps(document))
    assert found.data_changed == ("gpus.yml", "providers/gone.yml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no decision record"),
        ("- a list", "is no decision record"),
        ('{"a": ', "line 1"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ('{"schema_version": 1}', "record_version is missing"),
        ('{"record_version": 2}', "record_version: this version reads 1, found 2"),
        ('{"record_version": true}', "record_version: this version reads 1, found true"),
        ('{"record_version": 1}', "missing; add it"),
        ('{"title": "\\ud800"}', "half a character"),
        ("{'title': 1}", "mend the JSON there"),
    ],
)
def test_what_is_no_record_is_refused_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    file = tmp_path / "record.json"
    file.write_text(text, "utf-8")
    assert main(["verify", str(file)]) == 2
    told = capfd.readouterr()
    assert said in told.err
    assert "record.json" in told.err
    assert told.err.count("\n") == 1
    assert not told.out


@pytest.mark.parametrize("path", [["extra"], ["assessment", "extra"], ["assessment", "use_case", "extra"]])
def test_an_unknown_key_is_refused_by_its_path(tmp_path: Path, path: list[str]) -> None:
    with pytest.raises(InputError, match=rf"{'.'.join(path)}: unknown key"):
        verified(tmp_path, changed(stored(), path, 1))


def test_the_command_says_yes_or_no_by_its_status(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "record.json"
    assert main(["report", str(PRODUCT_TEXTS), "--format", "json", "-o", str(file)]) == 0
    capfd.readouterr()
    assert main(["verify", str(file), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["verified"] is True
    assert answer["record"] == str(file)
    assert answer["differences"] == []
    assert answer["data_changed"] == []
    file.write_text(changed(file.read_text("utf-8"), ["verdict_name"], "Fine-tune"), "utf-8")
    assert main(["verify", str(file), "--json"]) == 1
    (difference,) = json.loads(capfd.readouterr().out)["differences"]
    assert difference == {"path": "verdict_name", "stored": "Fine-tune", "recomputed": "Change the base model"}


def test_verifying_needs_no_home_and_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTDECIDE_HOME", str(tmp_path / "never"))
    assert verified(tmp_path, stored()).verified
    assert not (tmp_path / "never").exists()
    assert not {"openai", "sqlalchemy", "dbos"} & set(vars(verify))


WATCH = """
import json, sys
from pathlib import Path
from ftdecide.settings import DATA
opened = set()
def note(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, Path)) and Path(arguments[0]).is_relative_to(DATA):
        opened.add(Path(arguments[0]).relative_to(DATA).as_posix())
document = json.loads(Path(sys.argv[1]).read_text("utf-8"))
sys.addaudithook(note)
from datetime import date
from ftdecide.assessment.types import read_assessment
from ftdecide.catalog.load import load_catalog
from ftdecide.decision.verdict import decide
from ftdecide.report import hashes, record
record.hash_data = dict
assessment = read_assessment(document)
record.make_record(assessment, decide(assessment, date(2026, 11, 22), load_catalog()))
print(json.dumps(sorted(opened)))
"""


def test_every_data_file_that_deciding_opens_has_its_hash_in_the_record() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCH, str(PRODUCT_TEXTS)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == sorted(hash_data())


def test_line_ends_do_not_change_the_hash_of_a_data_file(tmp_path: Path) -> None:
    for name, ends in (("unix", "\n"), ("windows", "\r\n")):
        folder = tmp_path / name / "questions"
        folder.mkdir(parents=True)
        (folder / "costs.yml").write_bytes(f"a: 1{ends}b: 2{ends}".encode())
    assert hash_data(tmp_path / "unix") == hash_data(tmp_path / "windows")


def test_the_record_holds_what_decided() -> None:
    document = json.loads(WITH_RUN)
    assert document["record_version"] == 1
    assert document["seeds"] == {}
    assert document["run"]["run_id"] == "run-7"
    assert document["decision"]["verdict"] == document["verdict"]
    assert read_assessment(document["assessment"])
    assert {"evidence/effects.yml", "evidence/gates.yml", "evidence/answers.yml"} <= set(document["data"])
    other = json.loads(stored(run={**RUN, "test_hash": "changed"}))
    assert other["run"]["sha256"] != document["run"]["sha256"]
    assert other["run"]["shown_sha256"] == document["run"]["shown_sha256"]
    assert other["fingerprint"] != document["fingerprint"]
