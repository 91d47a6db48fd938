"""Gates: conditions that must hold before fine-tuning makes sense at all; a block is a veto."""

from dataclasses import dataclass
from functools import cache

from ftdecide.decision.evidence import Case, GateRule, load_steps
from ftdecide.decision.measured import Features
from ftdecide.decision.score import Test, compile_test
from ftdecide.decision.types import Gate, Verdict
from ftdecide.decision.wording import fill
from ftdecide.translation import _


@dataclass(frozen=True, slots=True)
class CompiledCase:
    """One case with its tests."""

    case: Case
    when: Test
    unless: Test | None

    def applies(self, found: Features) -> bool:
        """Say whether the case describes these features."""
        return self.when.holds(found) and (self.unless is None or not self.unless.holds(found))

    def text(self, found: Features) -> str:
        """Return the case's sentence with its figures filled in."""
        return fill(self.case.text, found)


def compile_cases(cases: tuple[Case, ...]) -> tuple[CompiledCase, ...]:
    """Make cases ready to be asked."""
    return tuple(
        CompiledCase(case, compile_test(case.when), compile_test(case.unless) if case.unless else None)
        for case in cases
    )


@cache
def _gates() -> tuple[tuple[GateRule, tuple[CompiledCase, ...]], ...]:
    return tuple((gate, compile_cases(gate.cases)) for gate in load_steps().gates)


def vetoes(found: Features) -> tuple[frozenset[Verdict], Verdict | None]:
    """Return the verdicts that blocked gates forbid, and the verdict that gains instead if the gates agree on one."""
    forbidden: set[Verdict] = set()
    instead: set[Verdict | None] = set()
    for gate, cases in _gates():
        for case in cases:
            if case.applies(found):
                if case.case.status == "block":
                    forbidden.update(gate.blocks)
                    instead.add(gate.instead)
                break
    return frozenset(forbidden), instead.pop() if len(instead) == 1 else None


def read_gates(found: Features) -> tuple[Gate, ...]:
    """Return every gate with its status and a sentence that says why."""
    gates: list[Gate] = []
    for gate, cases in _gates():
        case = next(case for case in cases if case.applies(found))
        source = case.case.source.format_map(found) or gate.source
        gates.append(
            Gate(
                name=gate.name,
                title=_(gate.title),
                status=case.case.status,
                text=case.text(found),
                fields=gate.fields,
                source=source if source.startswith("http") else _(source),
            )
        )
    return tuple(gates)
