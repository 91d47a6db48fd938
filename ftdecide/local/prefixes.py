"""Beginnings that many requests share, computed once and kept for later batches."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ftdecide.local.cache import Prefix, can_share, compute_prefix
from ftdecide.local.defaults import GenerationDefaults
from ftdecide.local.generation import Prompt, common_beginning

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class PrefixShelf:
    """Keys and values of beginnings, by adapter and tokens; the least recently used leaves."""

    def __init__(self, network: "PreTrainedModel", defaults: GenerationDefaults) -> None:
        self._network = network
        self._defaults = defaults
        self._prefixes: OrderedDict[tuple[Path | None, tuple[int, ...]], Prefix] = OrderedDict()
        self._shares = can_share(network)

    def find(self, adapter: Path | None, prompts: Sequence[Prompt]) -> Prefix | None:
        """Return the longest prepared beginning that fits all prompts, preparing a longer one when that pays.

        The network must answer with `adapter` while this is called.
        """
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
