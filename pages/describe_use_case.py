"""What the model should do better, how often, and what that is worth."""

from pages.parts import assess

assess.show_block("use_case")
