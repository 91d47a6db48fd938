"""A language model of a few thousand random numbers, in the folder form of real ones: training it takes a moment."""

from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE, WordLevel
from tokenizers.pre_tokenizers import ByteLevel, Whitespace
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.convert_slow_tokenizer import bytes_to_unicode

_WORDS = ("ticket", "about", "my", "delivery", "refund", "queue", "=", ":", *(str(number) for number in range(40)))
_TEMPLATE = (
    "{% for message in messages %}<|start|> {{ message.role }} {{ message.content }} <|end|> {% endfor %}"
    "{% if add_generation_prompt %}<|start|> assistant {% endif %}"
)


def write_tiny_model(folder: Path) -> Path:
    """Write model and tokenizer to `folder`; the same numbers every time."""
    special = ("<pad>", "<unk>", "<|start|>", "<|end|>", "user", "assistant", "system")
    vocabulary = {word: number for number, word in enumerate((*special, *_WORDS))}
    words = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()  # type: ignore[assignment] - tokenizers has no complete types
    words.add_special_tokens(["<pad>", "<|start|>", "<|end|>"])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", unk_token="<unk>", eos_token="<|end|>", chat_template=_TEMPLATE
    )
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=256,
        pad_token_id=vocabulary["<pad>"],
        eos_token_id=vocabulary["<|end|>"],
        bos_token_id=vocabulary["<|start|>"],
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_byte_model(folder: Path) -> Path:
    """Write a model that reads and writes single bytes: it says anything there is, half letters and JSON too."""
    letters = sorted(bytes_to_unicode().values())
    special = ("<pad>", "<|start|>", "<|end|>")
    vocabulary = {word: number for number, word in enumerate((*special, *letters))}
    pieces = Tokenizer(BPE(vocabulary, []))
    pieces.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=False)  # type: ignore[assignment] - as above
    pieces.decoder = ByteLevelDecoder()  # type: ignore[assignment]
    pieces.add_special_tokens([*special])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=pieces, pad_token="<pad>", eos_token="<|end|>", chat_template=_TEMPLATE
    )
    torch.manual_seed(2)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=1024,
        pad_token_id=vocabulary["<pad>"],
        eos_token_id=vocabulary["<|end|>"],
        bos_token_id=vocabulary["<|start|>"],
        # Wide enough apart that batched and single arithmetic never swap two tokens.
        initializer_range=0.5,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
