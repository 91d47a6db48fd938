"""One thread that gathers waiting requests into batches and answers them with the base model or an adapter."""

# peft and transformers have no complete types; requests and answers are ours.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

import threading
import time
from collections import OrderedDict
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ftdecide.errors import InputError
from ftdecide.local.batching import Request, Waiting, choose_batch
from ftdecide.local.cache import Prefix, can_share, compute_prefix
from ftdecide.local.defaults import GenerationDefaults
from ftdecide.local.generation import Answer, Prompt, answer_batch, common_beginning
from ftdecide.local.model import BaseLanguageModel, load_model

if TYPE_CHECKING:
    from peft import PeftModel


class Engine:
    """A loaded model and the thread that answers with it; `submit` may be called from any thread.

    Raises:
        UnavailableError: on creation, when the model cannot be loaded.
    """

    def __init__(self, base: BaseLanguageModel, defaults: GenerationDefaults) -> None:
        import torch

        torch.set_num_threads(defaults.threads)
        self._defaults = defaults
        self._network, self._tokenizer = load_model(base)
        self._tuned: PeftModel | None = None
        self._adapters: OrderedDict[Path, str] = OrderedDict()
        self._prefixes: OrderedDict[tuple[Path | None, tuple[int, ...]], Prefix] = OrderedDict()
        self._shares = can_share(self._network)
        self._waiting: list[Waiting] = []
        self._arrived = threading.Condition()
        threading.Thread(target=self._work, name="local-engine", daemon=True).start()

    def submit(self, request: Request) -> "Future[Answer]":
        """Queue one request.

        Raises:
            InputError: prompt and answer together do not fit into the model's context.
        """
        messages = [message.model_dump() for message in request.messages]
        text = str(self._tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False))
        tokens = tuple(self._tokenizer.encode(text, add_special_tokens=False))
        room = int(self._network.config.max_position_embeddings)
        if len(tokens) + request.max_tokens > room:
            raise InputError(
                f"the model's context holds {room} tokens, but the messages have {len(tokens)} and the answer may have "
                f"{request.max_tokens}; shorten the messages or lower max_tokens"
            )
        prompt = Prompt(tokens, request.max_tokens, request.temperature, request.seed, request.stop)
        waiting = Waiting(request, prompt)
        with self._arrived:
            self._waiting.append(waiting)
            self._arrived.notify()
        return waiting.answer

    def _work(self) -> None:
        while True:
            # From here on nobody can take a question back, which would end this thread when its answer comes.
            batch = [one for one in self._next_batch() if one.answer.set_running_or_notify_cancel()]
            if not batch:
                continue
            try:
                answers = self._answer(batch)
            except Exception as error:  # noqa: BLE001 - whoever asked gets the error; the thread must live on
                for one in batch:
                    one.answer.set_exception(error)
            else:
                for one, answer in zip(batch, answers, strict=True):
                    one.answer.set_result(answer)

    def _next_batch(self) -> list[Waiting]:
        """Wait until requests stop coming in for a moment, then take those that belong with the oldest."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._waiting)
            until = time.monotonic() + self._defaults.gather_at_most_ms / 1000
            count = 0
            while count < len(self._waiting) and time.monotonic() < until:
                count = len(self._waiting)
                self._arrived.wait(self._defaults.gather_ms / 1000)
            chosen = choose_batch(self._waiting, self._defaults)
            taken = {id(one) for one in chosen}
            self._waiting = [one for one in self._waiting if id(one) not in taken]
            return chosen

    def _answer(self, batch: list[Waiting]) -> list[Answer]:
        adapter = batch[0].request.adapter
        prompts = [one.prompt for one in batch]
        with self._active(adapter):
            prefix = self._prefix(adapter, prompts)
            return answer_batch(self._network, self._tokenizer, prompts, prefix)

    def _prefix(self, adapter: Path | None, prompts: list[Prompt]) -> Prefix | None:
        """Return the longest prepared beginning that fits all prompts, preparing a longer one when that pays."""
        shared = common_beginning(prompts)
        if not self._shares or len(shared) < self._defaults.shared_prefix_tokens:
            return None
        fitting = [key for key in self._prefixes if key[0] == adapter and shared[: len(key[1])] == key[1]]
        best = max(fitting, key=lambda key: len(key[1]), default=(adapter, ()))
        saved_tokens = (len(shared) - len(best[1])) * (len(set(prompts)) - 1)
        if saved_tokens > (len(shared) if best[1] else 0):
            best = (adapter, shared)
            self._prefixes[best] = compute_prefix(self._network, shared)
        if not best[1]:
            return None
        self._prefixes.move_to_end(best)
        while len(self._prefixes) > self._defaults.kept_prefixes:
            self._prefixes.popitem(last=False)
        return self._prefixes[best]

    @contextmanager
    def _active(self, adapter: Path | None) -> Generator[None]:
        """Make the base model or one adapter answer inside the block."""
        if adapter is None:
            if self._tuned is None:
                yield
            else:
                with self._tuned.disable_adapter():
                    yield
            return
        tuned = self._load_adapter(adapter)
        tuned.set_adapter(self._adapters[adapter])
        yield

    def _load_adapter(self, adapter: Path) -> "PeftModel":
        from peft import PeftModel

        name = adapter.parent.name
        if self._tuned is None:
            self._tuned = PeftModel.from_pretrained(self._network, str(adapter), adapter_name=name)
            self._tuned.eval()
        elif adapter not in self._adapters:
            self._tuned.load_adapter(str(adapter), adapter_name=name)
            self._tuned.eval()
        self._adapters[adapter] = name
        self._adapters.move_to_end(adapter)
        while len(self._adapters) > self._defaults.kept_adapters:
            _folder, oldest = self._adapters.popitem(last=False)
            self._tuned.delete_adapter(oldest)
        return self._tuned
