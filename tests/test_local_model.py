"""What the local engine keeps in memory, what it says of models it cannot load, and what it gives up."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from peft import LoraConfig, PeftModelForCausalLM

from ftdecide.errors import UnavailableError
from ftdecide.local.adapters import AdapterShelf
from ftdecide.local.batching import Request
from ftdecide.local.defaults import load_defaults
from ftdecide.local.engine import Engine
from ftdecide.local.model import BaseLanguageModel, base_model, load_model
from ftdecide.local.rows import ChatMessage
from ftdecide.local.sampling import draw
from ftdecide.local.speech import Answer, Piece
from ftdecide.local.wire import RefusedError
from ftdecide.settings import load_settings
from tests.tiny_model import write_byte_model, write_tiny_model

MOST_SECONDS = 120


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> BaseLanguageModel:
    folder = write_byte_model(tmp_path_factory.mktemp("models") / "bytes")
    return BaseLanguageModel(id="bytes", source=str(folder), offline=True)


@pytest.fixture(scope="module")
def adapters(base: BaseLanguageModel, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three adapters that say different things."""
    folders: list[Path] = []
    for number in range(3):
        network, _tokenizer = load_model(base)
        torch.manual_seed(number)
        tuned = PeftModelForCausalLM(
            network, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False)
        )
        folders.append(tmp_path_factory.mktemp("adapters") / "kept" / "step-4")
        tuned.save_pretrained(str(folders[-1]))
    return folders


def _ask(engine: Engine, adapter: Path | None, text: str = "ticket") -> Answer:
    ask = Request(messages=(ChatMessage(role="user", content=text),), max_tokens=12, adapter=adapter)
    return engine.submit(ask).result(timeout=MOST_SECONDS)


def test_adapters_share_one_base_and_answer_the_same_after_they_had_to_leave(
    base: BaseLanguageModel, adapters: list[Path]
) -> None:
    roomy = Engine(base, load_defaults().generation)
    narrow = Engine(base, load_defaults().generation.model_copy(update={"kept_adapters": 1}))
    order = [None, adapters[0], adapters[1], adapters[0], None, adapters[2], adapters[1], None]
    first = [_ask(roomy, adapter).text for adapter in order]
    assert [_ask(narrow, adapter).text for adapter in order] == first
    assert len(set(first)) == 4, "the base and three adapters, each with its own answer"
    together = [
        roomy.submit(Request(messages=(ChatMessage(role="user", content="ticket"),), max_tokens=12, adapter=adapter))
        for adapter in order
    ]
    assert [one.result(timeout=MOST_SECONDS).text for one in together] == first


def test_the_adapter_that_was_used_longest_ago_leaves_first(base: BaseLanguageModel, adapters: list[Path]) -> None:
    network, _tokenizer = load_model(base)
    shelf = AdapterShelf(network, 2)
    for adapter in (adapters[0], adapters[1], adapters[0], adapters[2]):
        with shelf.active(adapter):
            pass
    assert shelf.held == (adapters[0], adapters[2])
    weights = [name for name, _weight in network.named_parameters() if "lora_A" in name]
    assert len(weights) == 2 * len({name.rpartition(".lora_A")[0] for name in weights}), "two adapters in memory"


def test_messages_that_a_models_template_refuses_are_refused_by_name(base: BaseLanguageModel, tmp_path: Path) -> None:
    folder = write_byte_model(tmp_path / "picky")
    (folder / "chat_template.jinja").write_text("{{ raise_exception('System role not supported') }}")
    engine = Engine(BaseLanguageModel(id="picky", source=str(folder), offline=True), load_defaults().generation)
    with pytest.raises(RefusedError, match="System role not supported") as refused:
        engine.submit(Request(messages=(ChatMessage(role="user", content="ticket"),)))
    assert refused.value.param == "messages"


class _Leaver:
    """Listens for a while."""

    gone = False

    def __init__(self, pieces: int) -> None:
        self.left = pieces

    def hear(self, _piece: Piece) -> None:
        self.left -= 1
        self.gone = self.left <= 0


def test_an_answer_that_nobody_waits_for_is_given_up_and_others_are_not(base: BaseLanguageModel) -> None:
    engine = Engine(base, load_defaults().generation)
    ask = Request(messages=(ChatMessage(role="user", content="ticket"),), max_tokens=300)
    whole = engine.submit(ask).result(timeout=MOST_SECONDS)
    alone = engine.submit(ask, _Leaver(3)).result(timeout=MOST_SECONDS)
    assert alone.completion_tokens < 20 < whole.completion_tokens
    heard = [engine.submit(ask, _Leaver(3)), engine.submit(ask)]
    assert heard[1].result(timeout=MOST_SECONDS) == whole


def test_shared_instructions_change_no_answer(base: BaseLanguageModel) -> None:
    instructions = ChatMessage(role="system", content="Say the queue of each ticket. " * 4)
    asked = [
        Request(messages=(instructions, ChatMessage(role="user", content=f"ticket {number}")), max_tokens=12)
        for number in range(12)
    ]
    engine = Engine(base, load_defaults().generation)
    together = [one.result(timeout=MOST_SECONDS) for one in [engine.submit(each) for each in asked]]
    plain = Engine(base, load_defaults().generation.model_copy(update={"shared_prefix_tokens": 10**6}))
    alone = [plain.submit(each).result(timeout=MOST_SECONDS) for each in asked]
    assert together == alone
    assert len({one.text for one in alone}) > 1


def _broken(folder: Path, *, how: str) -> Path:
    write_tiny_model(folder)
    if how == "no config":
        (folder / "config.json").unlink()
    elif how == "half of the weights":
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:1000])
    elif how == "no such architecture":
        (folder / "config.json").write_text('{"model_type": "nothing-like-it"}')
    elif how == "no tokenizer":
        for file in folder.glob("token*"):
            file.unlink()
    elif how == "no chat template":
        (folder / "chat_template.jinja").unlink()
    return folder


@pytest.mark.parametrize(
    "how", ["no config", "half of the weights", "no such architecture", "no tokenizer", "no chat template"]
)
def test_a_model_that_cannot_be_loaded_is_named_with_the_mend(tmp_path: Path, how: str) -> None:
    folder = _broken(tmp_path / "model", how=how)
    broken = BaseLanguageModel(id="model", source=str(folder), offline=True)
    with pytest.raises(UnavailableError, match=r"set FTDECIDE_LOCAL_MODEL|choose an instruct model") as failed:
        load_model(broken)
    assert str(folder) in str(failed.value)


def test_a_folder_and_a_hub_id_may_be_the_base(tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "My-Model")
    folder = base_model(load_settings({"FTDECIDE_HOME": str(tmp_path), "FTDECIDE_LOCAL_MODEL": f"{tmp_path}/My-Model"}))
    assert (folder.id, folder.offline) == ("my-model", True)
    load_model(folder)
    hub = base_model(load_settings({"FTDECIDE_HOME": str(tmp_path), "FTDECIDE_LOCAL_MODEL": "Org/Model"}))
    assert (hub.id, hub.source, hub.offline) == ("org/model", "Org/Model", False)


@settings(deadline=None)
@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=12),
    st.floats(0.1, 2),
    st.floats(0.01, 1),
    st.integers(0, 2**31),
)
def test_what_is_drawn_is_among_the_likeliest(scores: list[float], temperature: float, top_p: float, seed: int) -> None:
    given_scores = torch.tensor(scores)
    drawn = draw(given_scores, temperature, top_p, torch.Generator().manual_seed(seed))
    again = draw(given_scores, temperature, top_p, torch.Generator().manual_seed(seed))
    shares = torch.softmax(given_scores.double() / temperature, dim=-1)
    likelier = shares[shares > shares[drawn]].sum()
    assert drawn == again
    assert float(likelier) < top_p or top_p == 1
