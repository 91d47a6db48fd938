"""Tuned adapters over one base model in memory; the least recently used leaves."""

# peft has no complete types; only paths and our own network pass through here.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false

from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel


class AdapterShelf:
    """The adapters of `network`, at most `most` at a time; used by one thread alone."""

    def __init__(self, network: "PreTrainedModel", most: int) -> None:
        self._network = network
        self._most = most
        self._tuned: PeftModel | None = None
        self._names: OrderedDict[Path, str] = OrderedDict()
        self._numbers = count(1)

    @property
    def held(self) -> tuple[Path, ...]:
        """Folders of the adapters in memory, the least recently used first."""
        return tuple(self._names)

    @contextmanager
    def active(self, adapter: Path | None) -> Generator[None]:
        """Make the base model (None) or the adapter of one folder answer inside the block."""
        if adapter is not None:
            tuned = self._load(adapter)
            tuned.set_adapter(self._names[adapter])
            yield
        elif self._tuned is None:
            yield
        else:
            with self._tuned.disable_adapter():
                yield

    def _load(self, adapter: Path) -> "PeftModel":
        from peft import PeftModel

        if adapter not in self._names:
            name = f"adapter-{next(self._numbers)}"
            if self._tuned is None:
                self._tuned = PeftModel.from_pretrained(self._network, str(adapter), adapter_name=name)
            else:
                self._tuned.load_adapter(str(adapter), adapter_name=name)
            self._tuned.eval()
            self._names[adapter] = name
        assert self._tuned is not None  # noqa: S101 - a named adapter was loaded into it
        self._names.move_to_end(adapter)
        while len(self._names) > self._most:
            _folder, oldest = self._names.popitem(last=False)
            self._tuned.delete_adapter(oldest)
        return self._tuned
