"""Looking for something in all texts of an example, and in a repeated system message but once."""

from collections.abc import Callable

from ftdecide.dataset.signs.marks import Marks
from ftdecide.dataset.types import INSTRUCTING, Example

Find = Callable[[str], tuple[str, ...]]


class TextMarks:
    """Counts examples by the codes that a function finds in their texts; each code once an example."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        self.marks = {code: Marks() for code in codes}
        self._last_system = ""
        self._last_codes: tuple[str, ...] = ()

    def add(self, line: int, example: Example, find: Find) -> None:
        """Look through one example, with its speakers' names, the texts of its tools and its rejected answer."""
        texts: list[str] = [example.tools] if example.tools else []
        codes: tuple[str, ...] = ()
        for message in (*example.messages, *example.rejected):
            if message.role in INSTRUCTING:
                if message.content != self._last_system:
                    self._last_system, self._last_codes = message.content, find(message.content)
                codes += self._last_codes
            else:
                texts.append(message.content)
                texts += [part for part in (message.name, message.calls) if part]
        codes += find("\n".join(texts))
        for code in dict.fromkeys(codes):
            self.marks[code].add(line)
