"""The architecture of a transformer, and what can be counted from it."""

from dataclasses import dataclass

from ftdecide.costs.training_job import Targets


@dataclass(frozen=True)
class Shape:
    """A decoder's architecture; parameters are counts, `ffn` is the width of one expert where there are experts."""

    params: float
    active_params: float
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    tied_embeddings: bool

    @property
    def embedding_params(self) -> float:
        """Parameters of the input embedding and the output layer."""
        return self.vocab * self.hidden * (1 if self.tied_embeddings else 2)

    @property
    def body_params(self) -> float:
        """Parameters of all layers."""
        return max(self.params - self.embedding_params, 0.0)

    @property
    def layer_params(self) -> float:
        """Parameters of one layer, all experts included."""
        return self.body_params / self.layers

    @property
    def working_params(self) -> float:
        """Parameters that a token is multiplied with: the active ones without the looked-up embedding."""
        looked_up = 0 if self.tied_embeddings else self.vocab * self.hidden
        return max(self.active_params - looked_up, self.active_params / 4)

    @property
    def attention_width(self) -> int:
        """Width of all query heads together."""
        return self.heads * self.head_dim

    @property
    def attention_params(self) -> int:
        """Parameters of one layer's four attention matrices."""
        return self.hidden * self.head_dim * (2 * self.heads + 2 * self.kv_heads)

    @property
    def ffn_rows(self) -> float:
        """Feed-forward matrices that a token passes in a layer: 2, 3 when gated, more with several experts.

        Told from the active parameters, because configurations do not say it.
        """
        active = max(self.active_params - self.embedding_params, 0.0) / self.layers - self.attention_params
        return max(2.0, active / (self.hidden * self.ffn))

    def saved_widths(self, per_hidden: float) -> float:
        """Bytes a token leaves in one layer for the way back, in 16 bits.

        `per_hidden` bytes a hidden unit for norms, attention and residual; of the feed-forward part, a gated one keeps
        three results of 2 bytes, a plain one its one (it gets by with a third of the matrices' widths less).
        """
        rows = self.ffn_rows
        kept = rows if rows > 2.5 else rows / 2
        return per_hidden * self.hidden + 2 * kept * self.ffn

    def adapter_params(self, rank: int, targets: Targets) -> float:
        """Parameters of a low-rank adapter: rank times the two sides of every matrix it is put on, experts' too."""
        ffn = self.body_params / self.layers - self.attention_params
        return self._adapter_params(rank, targets, max(2.0, ffn / (self.hidden * self.ffn)))

    def working_adapter_params(self, rank: int, targets: Targets) -> float:
        """Parameters of the adapter that a token is multiplied with: of the experts, those that it passes."""
        return self._adapter_params(rank, targets, self.ffn_rows)

    def _adapter_params(self, rank: int, targets: Targets, matrices: float) -> float:
        query, key = self.hidden + self.attention_width, self.hidden + self.kv_heads * self.head_dim
        attention = 2 * (query + key)
        everything = attention + matrices * (self.hidden + self.ffn)
        embeddings = self.hidden + self.vocab
        match targets:
            case "query_value":
                return rank * self.layers * (query + key)
            case "attention":
                return rank * self.layers * attention
            case "all_linear":
                return rank * self.layers * everything
            case "all_linear_and_embeddings":
                return rank * (self.layers * everything + 2 * embeddings)
