"""What a fine-tuned model was measured to gain."""

from pages.parts import assess

assess.show_block("benefits")
