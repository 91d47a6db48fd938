"""What came of verifying a record, in lines for people."""

import json
from collections.abc import Iterator

from ftdecide.report.differences import Difference
from ftdecide.report.verify import Verification
from ftdecide.translation import _, plural

_LONGEST = 80
_INPUT = {
    "fingerprint": "the fingerprint no longer fits: answers, day or cited run are not those it was made for",
    "run.shown_sha256": "the hash of the comparison no longer fits: what is shown of the run was changed",
}


def tell_verification(found: Verification) -> str:
    """Return one line for the result, one for each difference, and what explains them."""
    if found.verified:
        told = _("{record!r} is verified: worked out again, every field is the same.").format(record=found.record)
        return told if found.same_bytes else told + " " + _("Only the layout of the file is another.")
    head = plural(
        "{{record!r}} is not verified: {n} field differs.",
        "{{record!r}} is not verified: {n} fields differ.",
        len(found.differences),
    ).format(record=found.record)
    return "\n".join([head, *(_line(difference) for difference in found.differences), *_explain(found)])


def _line(difference: Difference) -> str:
    line = _("{path}: stored {stored}, recomputed {recomputed}").format(
        path=difference.path, stored=_shown(difference.stored), recomputed=_shown(difference.recomputed)
    )
    meaning = _INPUT.get(difference.path)
    return f"{line} ({_(meaning)})" if meaning else line


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _explain(found: Verification) -> Iterator[str]:
    if not found.intact:
        yield _("The checksum no longer fits: the record was changed after it was written.")
    if found.data_changed and found.intact:
        yield _(
            "The record is as ftdecide {version} wrote it, and data that decide are not the same here: {files}. That "
            "explains the differences; verify it with the version and the data that made it."
        ).format(version=found.made_by, files=", ".join(found.data_changed))
    elif found.data_changed:
        yield _("Hashes of data differ from this installation's: {files}.").format(files=", ".join(found.data_changed))
    if found.made_by != found.recomputed_by:
        yield _("Made by ftdecide {made}, worked out again by {now}; another version may decide otherwise.").format(
            made=found.made_by, now=found.recomputed_by
        )
    if found.same_decision:
        yield _("The decision itself comes out as it is stored.")
