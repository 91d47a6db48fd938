"""Working a decision record out again from itself alone: no store, no key, no network."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ConfigDict

from ftdecide import __version__
from ftdecide.assessment.types import Assessment
from ftdecide.catalog.load import load_catalog
from ftdecide.decision.verdict import decide
from ftdecide.documents import document_name, parse_document, read_raw, validate
from ftdecide.errors import InputError
from ftdecide.report.differences import Difference, find_differences
from ftdecide.report.hashes import hash_data
from ftdecide.report.record import assemble_record, checksum_of, record_json
from ftdecide.report.types import RECORD_VERSION, Record
from ftdecide.translation import _


class Verification(BaseModel):
    """What came of working a record out again.

    `verified` says that every field came out as it is stored, to the last digit; `same_bytes` that the file is also
    laid out as this version lays it out; `intact` that nothing was changed since it was written, as far as its own
    checksum tells; `same_decision` that the decision itself came out the same. `data_changed` names the data files
    whose content differs from this installation's.
    """

    model_config = ConfigDict(frozen=True)

    verified: bool
    record: str
    differences: tuple[Difference, ...]
    data_changed: tuple[str, ...]
    same_bytes: bool
    intact: bool
    same_decision: bool
    made_by: str
    recomputed_by: str


class _Answers(BaseModel):
    """The part of a record that is read as strictly as any assessment."""

    assessment: Assessment


def verify_record(path: str | Path) -> Verification:
    """Work the record in the file `path` out again and compare; "-" is standard input.

    Raises:
        InputError: the file cannot be read, or holds no decision record of this version.
    """
    name = document_name(path)
    raw = read_raw(path)
    text, document = _read_json(raw, name)
    record = _read_record(document, name)
    again = record_json(_recompute(record, name))
    found = find_differences(text, again)
    changed, own = record.data, hash_data()
    intact = record.checksum == checksum_of(cast("Mapping[str, object]", document))
    if intact:  # of other content the checksum is another one, and saying so once more tells nothing
        found = [difference for difference in found if difference.path != "checksum"]
    return Verification(
        verified=not found,
        record=name,
        differences=tuple(found),
        data_changed=tuple(file for file in sorted({*changed, *own}) if changed.get(file) != own.get(file)),
        same_bytes=raw == again.encode(),
        intact=intact,
        same_decision=not any(_first_name(difference.path) == "decision" for difference in found),
        made_by=record.version,
        recomputed_by=__version__,
    )


def _read_json(raw: bytes, name: str) -> tuple[str, object]:
    """Read a document that has to be JSON; numbers of YAML may be written in ways that are not compared."""
    text = raw.decode("utf-8-sig", errors="replace")
    if text.lstrip()[:1] != "{" or name.lower().endswith((".yml", ".yaml")):
        raise InputError(
            _("{name!r} is no decision record, which is a JSON file; make it with 'report --format json'").format(
                name=name
            )
        )
    return text, parse_document(raw, name)


def _read_record(document: object, name: str) -> Record:
    """Read a record strictly, its version first: another version has other fields."""
    if not isinstance(document, dict) or "record_version" not in document:
        raise InputError(
            _(
                "{name!r} is no decision record, or one from before records could be verified (record_version is "
                "missing); make it with 'report --format json'"
            ).format(name=name)
        )
    fields = cast("Mapping[str, object]", document)
    version = fields["record_version"]
    if version != RECORD_VERSION or isinstance(version, bool):
        raise InputError(
            _(
                "{name!r}, record_version: this version reads {known}, found {found}; verify it with the version of "
                "ftdecide that made it"
            ).format(name=name, known=RECORD_VERSION, found=json.dumps(version, ensure_ascii=False)[:60])
        )
    return validate(Record, fields, name)


def _recompute(record: Record, name: str) -> Record:
    assessment = validate(_Answers, {"assessment": record.assessment}, name).assessment
    decision = decide(assessment, record.as_of, load_catalog())
    return assemble_record(assessment, decision, record.comparison, record.run)


def _first_name(path: str) -> str:
    return path.replace("[", ".").split(".", 1)[0]
