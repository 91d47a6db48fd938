"""A number or a range of a document as the two ends it has, with the little arithmetic that filling templates needs."""

from dataclasses import dataclass

from ftdecide.assessment.types import Amount, Range

AmountDocument = float | dict[str, float]


@dataclass(frozen=True)
class Span:
    """The two ends of an amount; a plain number has the same twice."""

    low: float
    high: float

    @classmethod
    def of(cls, amount: Amount) -> "Span":
        """Return the ends of an amount."""
        return cls(amount.low, amount.high) if isinstance(amount, Range) else cls(amount, amount)

    def plus(self, other: "Span") -> "Span":
        """Add end to end."""
        return Span(self.low + other.low, self.high + other.high)

    def times(self, factor: float) -> "Span":
        """Multiply both ends."""
        return Span(self.low * factor, self.high * factor)

    def amount(self) -> AmountDocument:
        """Return it as a document has it: one number where both ends are the same."""
        low, high = (int(end) if float(end).is_integer() else end for end in (self.low, self.high))
        return low if low == high else {"low": low, "high": high}

    def whole(self) -> AmountDocument:
        """As `amount`, with both ends rounded to whole numbers."""
        return Span(round(self.low), round(self.high)).amount()
