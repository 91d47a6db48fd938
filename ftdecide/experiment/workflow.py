"""The durable run of a comparison: a fixed list of phases, each a step that may run twice without harm."""

from functools import partial

from ftdecide.errors import FtdecideError
from ftdecide.experiment.answering import answer_arm, missing_questions
from ftdecide.experiment.arm_plan import ArmPlan
from ftdecide.experiment.forecast import store_forecast
from ftdecide.experiment.general.asking import ask_general, missing_general
from ftdecide.experiment.general.pairs import general_arms
from ftdecide.experiment.hosting import deploy, needs_deployment, withdraw
from ftdecide.experiment.judge.judging import judge_answers
from ftdecide.experiment.looking_up import DOCUMENTS, find_passages, needs_looking_up
from ftdecide.experiment.messages import configuration_hash
from ftdecide.experiment.plan import Experiment, arm_named
from ftdecide.experiment.summary import summarise
from ftdecide.experiment.tuning import create_job, end_jobs, follow_job, upload_rows
from ftdecide.experiment.types import Answer
from ftdecide.experiment.work import StopError, Work, open_work, store_of
from ftdecide.jobs.port import Steps, Workflow
from ftdecide.settings import Settings
from ftdecide.store.answers import load_answers
from ftdecide.store.calls import charge_lost_calls
from ftdecide.store.runs import RunState, move_run, set_phase, set_result
from ftdecide.store.tunes import add_event
from ftdecide.translation import _

_ORDER = ("classical", "zero_shot", "few_shot", "stronger_base", "fine_tuned")
# What the store knows of an answer beyond what a result is made of.
_OURS = {"calls"}
_GO_ON, _STOP, _FAIL = "go on", "stop", "fail"


def phases_of(experiment: Experiment) -> list[str]:
    """Return what a run does, in order, as "verb:arm"; cheap arms first, so that there is something to see early."""
    phases = [f"find:{DOCUMENTS}"] if needs_looking_up(experiment) else []
    hosted, asking = needs_deployment(experiment), list[str]()
    for arm in sorted(experiment.arms, key=lambda arm: _ORDER.index(arm.kind)):
        if arm.kind == "fine_tuned":
            phases += [f"upload:{arm.name}", f"create:{arm.name}", f"train:{arm.name}"]
            if hosted:
                # What is charged by the hour does not wait for another arm's training.
                asking += [f"deploy:{arm.name}", f"answer:{arm.name}"]
                continue
        phases.append(f"answer:{arm.name}")
    phases += asking
    phases += [f"general:{arm.name}" for arm in general_arms(experiment)]
    return [*phases, "judge:pairs"] if experiment.judge else phases


def run_comparison(settings: Settings, steps: Steps, run_id: str) -> None:
    """Run a comparison to its end; every look at clock, store or provider is inside a step."""
    outcome = _GO_ON
    for phase in steps("begin", partial(_begin, settings, run_id)):
        outcome = steps(phase, partial(_do, settings, run_id, phase))
        if outcome != _GO_ON:
            break
    steps("finish", partial(_finish, settings, run_id, outcome))


def _begin(settings: Settings, run_id: str) -> list[str]:
    work = open_work(settings, run_id)
    move_run(work.store, run_id, "running", only_from={"queued"})
    return phases_of(work.experiment)


def _do(settings: Settings, run_id: str, phase: str) -> str:
    """Do one phase; says whether to go on, or how to end and why: the outcome of a step is text, no exception."""
    work = open_work(settings, run_id)
    key = f"{work.run.attempt}:{phase}"
    try:
        work.check()
        set_phase(work.store, run_id, phase)
        add_event(work.store, run_id, f"begin:{key}", "phase", {"phase": phase, "what": "begin"})
        _do_phase(work, phase)
    except StopError as stop:
        return f"{_STOP}:{stop}"
    except FtdecideError as error:
        return f"{_FAIL}:{error}"
    add_event(work.store, run_id, f"end:{key}", "phase", {"phase": phase, "what": "end"})
    return _GO_ON


def _do_phase(work: Work, phase: str) -> None:
    verb, _colon, name = phase.partition(":")
    if verb == "judge":
        # Tuned models are charged by the hour and asked no more; what cannot be ended now is tried again at the end.
        withdraw(work)
        judge_answers(work)
        return
    if verb == "find":
        find_passages(work)
        return
    arm = arm_named(work.experiment, name)
    if verb == "answer":
        answer_arm(work, arm)
    elif verb == "general":
        ask_general(work, arm)
    elif arm.kind == "fine_tuned" and (verb != "deploy" or _has_questions(work, arm)):
        {"upload": upload_rows, "create": create_job, "train": follow_job, "deploy": deploy}[verb](work, arm)


def _has_questions(work: Work, arm: ArmPlan) -> bool:
    """Say whether there is anything to deploy a tuned model for, which costs an hour at least."""
    if missing_questions(work, arm, configuration_hash(work.experiment, arm, work.rows)):
        return True
    return arm in general_arms(work.experiment) and bool(missing_general(work, arm))


def _finish(settings: Settings, run_id: str, outcome: str) -> None:
    """Store what was found, all of it or the part there is, and end the run.

    Whatever is deployed is ended here, and jobs that were told to stop: a worker that is killed while it does so comes
    here again.
    """
    work = open_work(settings, run_id)
    kind, _colon, message = outcome.partition(":")
    ended = [*withdraw(work), *(end_jobs(work) if kind == _STOP else ())]
    message = " ".join(filter(None, (message, *ended)))
    charge_lost_calls(work.store, run_id)
    stored = load_answers(work.store, run_id)
    answers = [Answer.model_validate(answer.model_dump(exclude=_OURS)) for answer in stored]
    if answers:
        summary = summarise(work.experiment, work.rows, answers, finished=kind == _GO_ON)
        set_result(work.store, run_id, summary.model_dump(mode="json"))
    store_forecast(work.store, work.run)
    states: dict[str, RunState] = {_GO_ON: "succeeded", _STOP: "cancelled", _FAIL: "failed"}
    move_run(work.store, run_id, states[kind], only_from={"running", "cancelling"}, message=message or None, phase=None)


def _say_defect(settings: Settings, run_id: str, what: str) -> None:
    message = _("A defect in this program ended the run ({what}); see worker.log. Answers so far are kept.")
    move_run(
        store_of(settings),
        run_id,
        "failed",
        only_from={"queued", "running", "cancelling"},
        message=message.format(what=what),
    )


COMPARISON = Workflow(name="comparison", body=run_comparison, on_defect=_say_defect)
WORKFLOWS = (COMPARISON,)
