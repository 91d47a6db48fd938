"""One thread that gathers waiting requests into batches and answers them with the base model or an adapter."""

# transformers has no complete types; requests and answers are ours.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from ftdecide.errors import InputError
from ftdecide.local.adapters import AdapterShelf
from ftdecide.local.batching import Request, Waiting, choose_batch
from ftdecide.local.defaults import GenerationDefaults
from ftdecide.local.embedding import Vector, WaitingTexts, embed_batch
from ftdecide.local.generation import Prompt, Speaker, answer_batch
from ftdecide.local.grammar import Grammars
from ftdecide.local.model import BaseLanguageModel, context_tokens, end_tokens, load_model
from ftdecide.local.prefixes import PrefixShelf
from ftdecide.local.speech import Answer, Listener
from ftdecide.local.wire import RefusedError

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Engine:
    """A loaded model and the thread that answers with it; `submit` and `submit_texts` may be called from any thread.

    Raises:
        UnavailableError: on creation, when the model cannot be loaded.
    """

    def __init__(self, base: BaseLanguageModel, defaults: GenerationDefaults) -> None:
        import torch

        torch.set_num_threads(defaults.threads)
        self._defaults = defaults
        self._network, self._tokenizer = load_model(base)
        self._room = context_tokens(self._network)
        ends = end_tokens(self._network, self._tokenizer)
        self._grammars = Grammars(self._tokenizer, _vocabulary(self._network), ends)
        self._speaker = Speaker(self._network, self._tokenizer, self._grammars, frozenset(ends))
        self._adapters = AdapterShelf(self._network, defaults.kept_adapters)
        self._prefixes = PrefixShelf(self._network, defaults)
        self._waiting: list[Waiting] = []
        self._texts: list[WaitingTexts] = []
        self._arrived = threading.Condition()
        threading.Thread(target=self._work, name="local-engine", daemon=True).start()

    @property
    def hidden_size(self) -> int:
        """How many numbers the vector of a text has."""
        return int(self._network.config.get_text_config().hidden_size)

    def submit(self, request: Request, listener: Listener | None = None) -> "Future[Answer]":
        """Queue one request; `listener` hears the answer while it is made, from the engine's thread.

        Raises:
            InputError: the JSON schema cannot be enforced.
            RefusedError: the model cannot read these messages, or its context does not hold them and the answer.
        """
        tokens = self._tokens(request)
        prompt = Prompt(
            tokens=tokens,
            max_tokens=self._most_tokens(len(tokens), request.max_tokens),
            temperature=request.temperature,
            top_p=request.top_p,
            seed=request.seed if request.temperature > 0 else 0,
            stop=request.stop,
            grammar=self._grammars.compile(request.schema) if request.schema is not None else "",
            rivals=request.rivals,
        )
        waiting = Waiting(request, prompt, listener)
        with self._arrived:
            self._waiting.append(waiting)
            self._arrived.notify()
        return waiting.answer

    def submit_texts(self, texts: Sequence[str | tuple[int, ...]]) -> tuple["Future[list[Vector]]", int]:
        """Queue texts, or texts in tokens, to be turned into vectors; returns the promise and the number of tokens.

        Raises:
            RefusedError: a text is empty, longer than the context, or holds a token that does not exist.
        """
        parts = [tuple(self._tokenizer.encode(text)) if isinstance(text, str) else text for text in texts]
        for number, tokens in enumerate(parts):
            if not 1 <= len(tokens) <= self._room:
                message = f"text {number} has {len(tokens)} tokens; send texts of 1 to {self._room} tokens"
                raise RefusedError(message, param="input", code="context_length_exceeded" if tokens else None)
            if not all(0 <= token < _vocabulary(self._network) for token in tokens):
                raise RefusedError(f"text {number} holds a token that the model does not know", param="input")
        waiting = WaitingTexts(tuple(parts))
        with self._arrived:
            self._texts.append(waiting)
            self._arrived.notify()
        return waiting.vectors, sum(map(len, parts))

    def _tokens(self, request: Request) -> tuple[int, ...]:
        from jinja2 import TemplateError

        messages = [message.model_dump() for message in request.messages]
        try:
            text = str(self._tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False))
        except TemplateError as error:
            # Some models know no system message, or want the roles to take turns.
            raise RefusedError(
                f"this model cannot read such messages ({error}); change them", param="messages"
            ) from error
        return tuple(self._tokenizer.encode(text, add_special_tokens=False))

    def _most_tokens(self, prompt_tokens: int, asked: int | None) -> int:
        most = asked if asked is not None else max(1, min(self._defaults.max_tokens, self._room - prompt_tokens))
        if prompt_tokens + most > self._room:
            message = (
                f"the model's context holds {self._room} tokens, but the messages have {prompt_tokens} and the answer "
                f"may have {most}; shorten the messages or lower max_tokens"
            )
            raise RefusedError(message, param="messages", code="context_length_exceeded")
        return most

    def _work(self) -> None:
        while True:
            with self._arrived:
                self._arrived.wait_for(lambda: self._waiting or self._texts)
                texts, self._texts = self._texts, []
            self._embed([one for one in texts if one.vectors.set_running_or_notify_cancel()])
            if self._waiting:
                # From here on nobody can take a question back, which would end this thread when its answer comes.
                self._answer([one for one in self._next_batch() if one.answer.set_running_or_notify_cancel()])

    def _next_batch(self) -> list[Waiting]:
        """Wait until requests stop coming in for a moment, then take those that belong with the oldest."""
        with self._arrived:
            until = time.monotonic() + self._defaults.gather_at_most_ms / 1000
            count = 0
            while count < len(self._waiting) and time.monotonic() < until:
                count = len(self._waiting)
                self._arrived.wait(self._defaults.gather_ms / 1000)
            chosen = choose_batch(self._waiting, self._defaults)
            taken = {id(one) for one in chosen}
            self._waiting = [one for one in self._waiting if id(one) not in taken]
            return chosen

    def _answer(self, batch: list[Waiting]) -> None:
        if not batch:
            return
        adapter = batch[0].request.adapter
        prompts = [one.prompt for one in batch]
        try:
            with self._adapters.active(adapter):
                prefix = self._prefixes.find(adapter, prompts)
                answers = answer_batch(self._speaker, prompts, prefix, [one.listener for one in batch])
        except Exception as error:  # noqa: BLE001 - whoever asked gets the error; the thread must live on
            for one in batch:
                one.answer.set_exception(error)
            return
        for one, answer in zip(batch, answers, strict=True):
            if isinstance(answer, InputError):
                one.answer.set_exception(answer)
            else:
                one.answer.set_result(answer)

    def _embed(self, waiting: list[WaitingTexts]) -> None:
        if not waiting:
            return
        try:
            with self._adapters.active(None):
                everything = [text for one in waiting for text in one.texts]
                vectors = iter(embed_batch(self._network, everything, self._defaults.batch_tokens))
        except Exception as error:  # noqa: BLE001 - as above
            for one in waiting:
                one.vectors.set_exception(error)
        else:
            for one in waiting:
                one.vectors.set_result([next(vectors) for _text in one.texts])


def _vocabulary(network: "PreTrainedModel") -> int:
    return int(network.config.get_text_config().vocab_size)
