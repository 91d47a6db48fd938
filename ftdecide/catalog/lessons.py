"""What the app teaches: the lesson's learning questions and the five systems, from `data/learn/`."""

from functools import cache
from pathlib import Path

from ftdecide.catalog.figures import Cited, Part, Source
from ftdecide.catalog.load import read_cited
from ftdecide.settings import DATA


class LearningQuestion(Cited):
    """One question of the lesson with its answer in Markdown."""

    id: str
    ask: str
    text: str


class System(Cited):
    """One system to tune with: what it needs, and its steps; `provider` is its id in the catalogue."""

    id: str
    name: str
    provider: str
    what: str
    needs: tuple[str, ...]
    steps: tuple[str, ...]
    careful: str
    unmaintained: bool = False


class _Questions(Part):
    sources: dict[str, Source]
    questions: tuple[LearningQuestion, ...]


class _Systems(Part):
    sources: dict[str, Source]
    systems: tuple[System, ...]


class Lessons(Part):
    """All of it, in the order in which it is read."""

    questions: tuple[LearningQuestion, ...]
    systems: tuple[System, ...]


@cache
def load_lessons(folder: Path = DATA / "learn") -> Lessons:
    """Read the lesson and the systems, once.

    Raises:
        InputError: a file that does not keep the schema; the message names file and key.
    """
    return Lessons(
        questions=read_cited(_Questions, folder / "lesson.yml").questions,
        systems=read_cited(_Systems, folder / "systems.yml").systems,
    )
