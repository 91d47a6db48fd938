"""Base or tuned model, without or with retrieval: which of the two lifts the score more, and what both do together."""

from collections.abc import Callable, Sequence

from ftdecide.experiment.arm_plan import ArmPlan, train_share, uses_retrieval
from ftdecide.experiment.contrast import Pairing, contrast_all
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.types import Contrast, TwoByTwo
from ftdecide.translation import _

_BASE_KINDS = ("few_shot", "zero_shot")
_TUNED_KINDS = ("fine_tuned",)


def compare_two_by_two(experiment: Experiment, pairing: Callable[[str, str], Pairing]) -> TwoByTwo | None:
    """Return what retrieval and tuning do, or None where no arm uses retrieval or none is tuned.

    Which arm stands for a cell is settled by the plan alone, never by results: of the base model the first declared
    kind, few-shot before zero-shot, that is there both without and with retrieval, else the first there is. The
    difference between retrieval alone and tuning alone is also that between their mean effects over the whole table.
    """
    base, base_retrieval = _base_cells(experiment)
    tuned, tuned_retrieval = (_cell(experiment, _TUNED_KINDS, retrieval=with_it) for with_it in (False, True))
    if tuned is None and tuned_retrieval is None:
        return None
    wanted = [
        (base_retrieval, tuned),
        (base_retrieval, base),
        (tuned_retrieval, tuned),
        (tuned_retrieval, base_retrieval),
    ]
    pairs = [(arm, against) for arm, against in wanted if arm is not None and against is not None]
    if not pairs:
        return None
    contrasts = contrast_all([pairing(arm, against) for arm, against in pairs])
    cells = (base, base_retrieval, tuned, tuned_retrieval)
    return TwoByTwo(
        base=base,
        base_retrieval=base_retrieval,
        tuned=tuned,
        tuned_retrieval=tuned_retrieval,
        contrasts=contrasts,
        text=_text(contrasts, cells),
    )


def _base_cells(experiment: Experiment) -> tuple[str | None, str | None]:
    for kind in _BASE_KINDS:
        without, with_it = (_cell(experiment, (kind,), retrieval=each) for each in (False, True))
        if without and with_it:
            return without, with_it
    without, with_it = (_cell(experiment, _BASE_KINDS, retrieval=each) for each in (False, True))
    return without, with_it


def _cell(experiment: Experiment, kinds: Sequence[str], *, retrieval: bool) -> str | None:
    for kind in kinds:
        for arm in experiment.arms:
            if arm.kind == kind and _is_cell(arm, retrieval=retrieval):
                return arm.name
    return None


def _is_cell(arm: ArmPlan, *, retrieval: bool) -> bool:
    return uses_retrieval(arm) == retrieval and train_share(arm) == 1


def _text(contrasts: Sequence[Contrast], cells: tuple[str | None, str | None, str | None, str | None]) -> str:
    """Say each contrast in a sentence, the question of retrieval or tuning first."""
    base, base_retrieval, tuned, tuned_retrieval = cells
    said = {(each.arm, each.baseline): each for each in contrasts}
    sentences: list[str] = []
    if rivals := said.get((base_retrieval or "", tuned or "")):
        sentences.append(_rivals(rivals))
    for pair, words in (
        ((base_retrieval, base), _("Retrieval added to the base model: {text}.")),
        ((tuned_retrieval, tuned), _("Retrieval added to the fine-tuned model: {text}.")),
        ((tuned_retrieval, base_retrieval), _("Fine-tuning added to retrieval: {text}.")),
    ):
        if found := said.get((pair[0] or "", pair[1] or "")):
            sentences.append(words.format(text=found.text))
    return " ".join(sentences)


def _rivals(contrast: Contrast) -> str:
    if contrast.reading == "better":
        return _("Retrieval beats fine-tuning: {text}.").format(text=contrast.text)
    if contrast.reading == "worse":
        return _("Fine-tuning beats retrieval: retrieval is {text}.").format(text=contrast.text)
    return _("Retrieval against fine-tuning: {text}.").format(text=contrast.text)
