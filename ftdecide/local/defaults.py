"""What the engine does unless a request says otherwise, read from `data/local/engine.yml`."""

from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict

from ftdecide.documents import read_document, validate
from ftdecide.settings import DATA

_FILE = DATA / "local" / "engine.yml"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GenerationDefaults(_Section):
    """How requests are gathered and answered; tokens, milliseconds, counts."""

    max_tokens: int
    gather_ms: int
    gather_at_most_ms: int
    batch_tokens: int
    batch_rows: int
    shared_prefix_tokens: int
    kept_prefixes: int
    kept_adapters: int
    threads: int


class TrainingDefaults(_Section):
    """What "auto" means for a job, and what nobody is asked about."""

    learning_rate: float
    n_epochs: int
    batch_size: int
    least_steps: int
    warmup_share: float
    weight_decay: float
    lora_r: int
    lora_alpha: int
    lora_dropout: float
    max_row_tokens: int
    tokens_at_once: int
    checkpoint_seconds: int
    threads: int
    end_seconds: int
    attempts: int
    dpo_beta: float
    dpo_learning_rate: float
    kept_checkpoints: int
    source: str


class ServerDefaults(_Section):
    """Limits of the server process."""

    idle_minutes: int
    start_seconds: int
    stop_seconds: int
    most_upload_mb: int


class Defaults(_Section):
    """The whole file."""

    as_of: date
    source: str
    generation: GenerationDefaults
    training: TrainingDefaults
    server: ServerDefaults


@cache
def load_defaults() -> Defaults:
    """Read the defaults once."""
    return validate(Defaults, read_document(_FILE), _FILE.name)
