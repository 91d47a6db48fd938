"""One training example, and one place in a file that cannot be used."""

from typing import NamedTuple

INSTRUCTING = ("system", "developer")
"""Roles that tell the model how to answer."""

RESULTS = ("tool", "function")
"""Roles that tell what a tool said."""


class Message(NamedTuple):
    """One turn of a conversation; a named tuple, because a file holds millions of them.

    `name` is the optional speaker's name, `calls` the JSON text of tool calls an assistant makes; an assistant's turn
    with `weight` 0 is read but not learned.
    """

    role: str
    content: str
    name: str = ""
    calls: str = ""
    weight: int = 1

    @property
    def is_learned(self) -> bool:
        """Whether training copies this turn."""
        return self.role == "assistant" and self.weight != 0

    @property
    def is_plain(self) -> bool:
        """Whether role and content are all there is, and it is no tool's result."""
        return self.role not in RESULTS and not self.name and not self.calls and self.weight == 1


class Example(NamedTuple):
    """One conversation to learn from, the line on which it starts, and the JSON text of tools it offers.

    Of a preference pair `messages` ends with the preferred answer and `rejected` holds the other one.
    """

    messages: tuple[Message, ...]
    line: int
    tools: str = ""
    rejected: tuple[Message, ...] = ()

    @property
    def answer(self) -> str:
        """What the model should say: the text of the last message, or "" where that is not the assistant's."""
        last = self.messages[-1]
        return (last.content or last.calls) if last.role == "assistant" else ""

    @property
    def taught(self) -> str:
        """All that tells the answer from another, "" where there is none: also calls and the rejected answer."""
        if not self.answer.strip():
            return ""
        last = self.messages[-1]
        calls = (last.calls,) if last.calls else ()
        rejected = (part.strip() for turn in self.rejected for part in (turn.role, turn.content, turn.calls))
        return "\0".join((last.content.strip(), *calls, *rejected))

    @property
    def terms(self) -> str:
        """All besides its turns that tells an example from another: its tools, and an answer that is not learned."""
        return self.tools if self.messages[-1].weight else f"{self.tools}\0"

    @property
    def question(self) -> tuple[Message, ...]:
        """Everything before the answer."""
        return self.messages[:-1] if self.messages[-1].role == "assistant" else self.messages

    @property
    def is_plain(self) -> bool:
        """Whether roles and contents are all there is."""
        return not self.tools and not self.rejected and all(message.is_plain for message in self.messages)


class Problem(NamedTuple):
    """A line that cannot be used: where, which kind (a code of `data/findings.yml`), and how to mend it."""

    line: int
    code: str
    text: str
