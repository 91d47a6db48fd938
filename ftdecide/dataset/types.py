"""One training example, and one place in a file that cannot be used."""

from typing import NamedTuple


class Message(NamedTuple):
    """One turn of a conversation; a named tuple, because a file holds millions of them.

    `name` is the optional speaker's name, `calls` the JSON text of tool calls an assistant makes.
    """

    role: str
    content: str
    name: str = ""
    calls: str = ""


class Example(NamedTuple):
    """One conversation to learn from, the line on which it starts, and the JSON text of tools it offers."""

    messages: tuple[Message, ...]
    line: int
    tools: str = ""

    @property
    def answer(self) -> str:
        """What the model should say: the text of the last message, or "" where that is not the assistant's."""
        last = self.messages[-1]
        return (last.content or last.calls) if last.role == "assistant" else ""

    @property
    def question(self) -> tuple[Message, ...]:
        """Everything before the answer."""
        return self.messages[:-1] if self.messages[-1].role == "assistant" else self.messages


class Problem(NamedTuple):
    """A line that cannot be used: where, which kind (a code of `data/findings.yml`), and how to mend it."""

    line: int
    code: str
    text: str
