"""Weighs an assessment: gates, published evidence and own measurements become a verdict that says why."""

from ftdecide.decision.verdict import decide, decision_json

__all__ = ["decide", "decision_json"]
