"""Which ways of answering are compared: with and without examples, tuning, documents, and the cheapest rival of all."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ftdecide.experiment.run_words import arm_words
from ftdecide.translation import _
from pages.parts.comparison_data import Data

_PLAIN = ("zero_shot", "few_shot", "fine_tuned")
_LOOKING_UP = ("zero_shot_retrieval", "few_shot_retrieval", "fine_tuned_retrieval")
_MOST_EXAMPLES, _USUAL_EXAMPLES, _MOST_EPOCHS = 32, 8, 20
Arm = dict[str, Any]


def choose_arms(data: Data, *, remote: bool, labels: bool) -> tuple[list[Arm], bool]:
    """Let a person choose the arms; return them as a plan writes them, and whether a learning curve is wanted."""
    names = [*_PLAIN, *(_LOOKING_UP if data.documents is not None else ()), *(["stronger_base"] if remote else [])]
    names += ["classical"] if labels else []
    usual = [
        *_PLAIN,
        *(["few_shot_retrieval"] if data.documents is not None else []),
        *(["classical"] if labels else []),
    ]
    chosen: Sequence[str] = st.pills(
        _("What to compare"),
        names,
        selection_mode="multi",
        default=usual,
        format_func=lambda name: arm_words(name).capitalize(),
        key="run_arms:" + ",".join(names),
        help=_(
            "Zero-shot asks the base model with instructions only, few-shot adds examples to the prompt, fine-tuned is "
            "trained on the rows, “with documents” looks the question up first, and the classical classifier counts "
            "words and uses no language model."
        ),
    )
    if not chosen:
        return [], False
    examples, epochs, model, curve = _settings(data, chosen)
    arms = [_arm(name, examples, epochs, model) for name in names if name in chosen]
    return [arm for arm in arms if arm.get("model", True)], curve


def _settings(data: Data, chosen: Sequence[str]) -> tuple[int, int | str, str, bool]:
    examples, epochs, model, curve = min(_USUAL_EXAMPLES, data.train_rows), data.epochs, "", False
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if any(name.startswith("few_shot") for name in chosen) and data.train_rows > 1:
            most = min(_MOST_EXAMPLES, data.train_rows)
            examples = st.number_input(
                _("Examples in the prompt"), 1, most, min(_USUAL_EXAMPLES, most), key=f"run_examples:{data.key}"
            )
        if any(name.startswith("fine_tuned") for name in chosen):
            usual = data.epochs if isinstance(data.epochs, int) else 0
            passes = st.number_input(
                _("Training passes (0: chosen for you)"), 0, _MOST_EPOCHS, usual, key=f"run_epochs:{data.key}"
            )
            epochs = passes or "auto"
        if "stronger_base" in chosen:
            model = st.text_input(
                _("Which stronger model"), key="run_stronger", placeholder=_("its name there")
            ).strip()
            if not model:
                st.caption(_("Name the stronger model, or it is left out."))
    if "fine_tuned" in chosen:
        curve = st.toggle(
            _("Also tune on a quarter and on half of the rows"),
            key="run_curve",
            help=_("Shows whether more training rows would help. Two more models are tuned for it."),
        )
    return int(examples), epochs, model, curve


def _arm(name: str, examples: int, epochs: int | str, model: str) -> Arm:
    kind = name.removesuffix("_retrieval")
    arm: Arm = {"kind": kind}
    if name != kind:
        arm["retrieval"] = True
    if kind == "few_shot":
        arm["examples"] = examples
    if kind == "fine_tuned":
        arm["epochs"] = epochs
    if kind == "stronger_base":
        arm["model"] = model
    return arm
