"""How a decision is made and where its limits are, as every report says it."""

from ftdecide.translation import _


def say_method() -> tuple[str, ...]:
    """Return the method and its limits, a sentence or two each."""
    return (
        _(
            "Gates come first: where one is not met, fine-tuning is ruled out. Then published evidence and your own "
            "answers add up as weighted reasons (log-odds), which give a probability for each of eight verdicts."
        ),
        _(
            "The weights were set by hand from published cases, so probabilities are a considered judgement, not a "
            "frequency. A measured comparison replaces the forecasts taken from other people's cases."
        ),
        _("A reason's weight is the change in the verdict's log-odds when this reason alone is taken away."),
        _("What would change the verdict was worked out by putting each answer in and deciding again."),
        _("The decision reads the answers alone, never titles or descriptions, and uses no language model."),
        _(
            "The same record as JSON holds every answer and the hash of every data file that decided; "
            "'python -m ftdecide verify' works it out again and says where it differs."
        ),
    )
