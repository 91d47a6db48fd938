"""Should we fine-tune? The answer, with evidence: assess, cost, measure, decide."""

__version__ = "0.1.0"
