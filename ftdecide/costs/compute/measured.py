"""Speeds that were measured on this machine, which replace the published prior for it."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from ftdecide.costs.training_job import TuningMethod
from ftdecide.documents import parse_document, validate
from ftdecide.errors import InputError

THIS_MACHINE = "this machine"


class MeasuredSpeed(BaseModel):
    """A few real training steps: operations a second as `operations_per_token` counts them, and what was run.

    `gpu` is the listed accelerator, or None for a processor or one that is not listed; `memory_gib` is all it has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str
    gpu: str | None
    memory_gib: float = Field(gt=0)
    model: str
    params_b: float = Field(gt=0)
    method: TuningMethod
    steps: int = Field(ge=1)
    tokens_per_second: float = Field(gt=0)
    operations_per_second: float = Field(gt=0)
    utilisation: float | None = None
    measured_on: date


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = 1
    speeds: tuple[MeasuredSpeed, ...]


def load_measured(path: Path) -> tuple[MeasuredSpeed, ...]:
    """Read the measurements at `path`; none when there is no such file.

    Raises:
        InputError: the file is damaged.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read ({error.strerror}); check its rights") from error
    return validate(_File, parse_document(raw, str(path)), str(path)).speeds


def with_measured(known: tuple[MeasuredSpeed, ...], new: MeasuredSpeed) -> str:
    """Return the text of a file in which `new` replaces an earlier one of the same device, model and method."""

    def same(one: MeasuredSpeed) -> bool:
        return (one.device, one.model, one.method) == (new.device, new.model, new.method)

    kept = tuple(one for one in known if not same(one))
    return _File(speeds=(*kept, new)).model_dump_json(indent=1)


def find_measured(
    speeds: tuple[MeasuredSpeed, ...], gpu: str, method: TuningMethod, params_b: float
) -> MeasuredSpeed | None:
    """Return the measurement that says most about `gpu`: of the same method if there is one, then closest in size."""
    there = [one for one in speeds if gpu in (THIS_MACHINE, one.gpu)]

    def distance(one: MeasuredSpeed) -> tuple[bool, float]:
        return one.method != method, max(one.params_b / params_b, params_b / one.params_b)

    return min(there, key=distance, default=None)


def measured_file(home: Path) -> Path:
    """Return where the measurements of this machine lie below FTDECIDE_HOME."""
    return home / "measured_speeds.json"
