"""What was tried before fine-tuning, and how well it did."""

from pages.parts import assess

assess.show_block("alternatives")
