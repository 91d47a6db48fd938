"""The learning curve of a comparison: one tuned arm, and the same on a part of the training rows."""

from collections.abc import Mapping

from ftdecide.experiment.arm_plan import train_share
from ftdecide.experiment.arm_score import Grades
from ftdecide.experiment.clusters import number_groups
from ftdecide.experiment.curve_types import CurvePoint, CurveResult
from ftdecide.experiment.learning_curve import Trained, fit_curve
from ftdecide.experiment.messages import rows_to_learn
from ftdecide.experiment.plan import Experiment, arm_named
from ftdecide.experiment.types import Rows


def curve_of(experiment: Experiment, rows: Rows, grades: Mapping[str, Grades]) -> CurveResult | None:
    """Return the curve through the arm that was also tuned on fewer rows, or None where nothing follows from it.

    The first fine-tuned arm that learns from all rows stands at its end.
    """
    if not experiment.learning_curve:
        return None
    parts = [arm for arm in experiment.arms if train_share(arm) < 1]
    names = [*(part.name for part in parts), *(name for name in _wholes(experiment))]
    trained = {
        name: Trained(
            len(rows_to_learn(experiment, arm_named(experiment, name), rows.train)),
            [graded.value for graded in grades[name].values()],
        )
        for name in names
    }
    found = fit_curve(list(trained.values()), experiment.margin, number_groups([row.group for row in rows.test]))
    if found is None:
        return None
    of_rows = {each.rows: name for name, each in trained.items()}
    return CurveResult(
        points=tuple(
            CurvePoint(arm=of_rows[point.rows], rows=point.rows, score=point.score, interval=point.interval)
            for point in found.points
        ),
        gain=found.gain,
        interval=found.interval,
        prospect=found.prospect,
        text=found.text,
    )


def _wholes(experiment: Experiment) -> list[str]:
    """Return the tuned arm that learns from all rows and stands at the end of the curve: the first declared."""
    return [arm.name for arm in experiment.arms if arm.kind == "fine_tuned" and arm.train_share == 1][:1]
