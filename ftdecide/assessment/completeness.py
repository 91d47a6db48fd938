"""How much of what matters is answered, block by block."""

from pydantic import BaseModel, ConfigDict

from ftdecide.assessment.answers import flat_answers
from ftdecide.assessment.questions import load_questions, relevant
from ftdecide.assessment.types import Assessment


class Progress(BaseModel):
    """Answered questions of the relevant ones in one block."""

    model_config = ConfigDict(frozen=True)

    block: str
    title: str
    answered: int
    relevant: int

    @property
    def share(self) -> float:
        """Answered share, from 0 to 1."""
        return self.answered / self.relevant if self.relevant else 1.0


def completeness(assessment: Assessment) -> tuple[Progress, ...]:
    """Count answered and relevant questions of each block, in the order of the blocks."""
    answers = flat_answers(assessment.model_dump())
    counted: list[Progress] = []
    for block in load_questions():
        fields = [question.field for section in relevant(block, assessment) for question in section.questions]
        answered = sum(field in answers for field in fields)
        counted.append(Progress(block=block.block, title=block.title, answered=answered, relevant=len(fields)))
    return tuple(counted)
