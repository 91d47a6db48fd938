"""Drawing the next token."""

import torch


def draw(scores: torch.Tensor, temperature: float, top_p: float, generator: torch.Generator) -> int:
    """Draw a token by the softmax of `scores` (shape (vocabulary,)) over `temperature`, among the likeliest.

    `top_p` keeps the fewest likeliest tokens that together have at least that probability (nucleus sampling,
    https://arxiv.org/abs/1904.09751).
    """
    shares = torch.softmax(scores.double() / temperature, dim=-1)
    if top_p < 1:
        ordered, tokens = shares.sort(descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        shares = torch.zeros_like(shares).scatter(0, tokens, ordered.where(before < top_p, 0.0))
    return int(torch.multinomial(shares, 1, generator=generator).item())
