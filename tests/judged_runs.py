"""Runs whose answers a scripted judge compares, on a real server: some arms answer at length, others briefly."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ftdecide.experiment.plan import Experiment, read_experiment
from ftdecide.experiment.run import start_run
from ftdecide.experiment.workflow import run_comparison
from ftdecide.jobs.port import Outcome
from ftdecide.settings import Settings
from ftdecide.store.database import Store
from tests.loopback import Loopback

JUDGE = "claude-judge"
TEST_ROWS = 24
Say = Callable[[str, str], str]
"""What a judge says of answer A and answer B."""


def judged_plan(server: Loopback, folder: Path, **more: object) -> Experiment:
    """24 questions with free answers; every third is answered alike by both arms."""
    for part, count in (("train", 6), ("test", TEST_ROWS)):
        chats = [_chat(f"question {number} of {part}", f"answer {number}") for number in range(count)]
        (folder / f"{part}.jsonl").write_text("\n".join(chats), encoding="utf-8")
    provider = {"id": "compatible", "base_url": server.base_url}
    document: dict[str, Any] = {
        "schema_version": 1,
        "title": "Answers",
        "data": {"train": str(folder / "train.jsonl"), "test": str(folder / "test.jsonl")},
        "instructions": "Answer.",
        "provider": {**provider, "model": "gpt-small"},
        "arms": [{"kind": "zero_shot"}, {"kind": "few_shot", "examples": 2}],
        "grader": {"kind": "contains"},
        "judge": {"provider": {**provider, "model": JUDGE}, "criterion": "Which answer is politer?"},
    }
    return read_experiment({**document, **more})


def script(server: Loopback, judge: Say, requests: list[list[dict[str, str]]] | None = None) -> Callable[..., str]:
    """Return what the server answers: arms as they are, the judge as it is told; `requests` keeps the judge's chats."""

    def answer(model: str, messages: list[dict[str, str]]) -> str:
        if model != JUDGE:
            number = re.findall(r"\d+", messages[-1]["content"])[0]
            long = len(messages) > 2 and int(number) % 3
            return f"answer {number}, with pleasure" if long else f"answer {number}"
        if requests is not None:
            requests.append(messages)
        return judge(*shown_answers(messages))

    return answer


def shown_answers(messages: list[dict[str, str]]) -> tuple[str, str]:
    """Return what stands between the fences as answer A and as answer B."""
    question = next(each["content"] for each in messages if each["role"] == "user")
    found = re.findall(r"Answer ([AB])\n(=== \w+ ===)\n(.*?)\n\2", question, re.DOTALL)
    texts = {name: text for name, _fence, text in found}
    return texts["A"], texts["B"]


def at_once(_name: str, work: Callable[[], Outcome]) -> Outcome:
    """Run a step without the durable engine."""
    return work()


def run_judged(store: Store, settings: Settings, plan: Experiment) -> str:
    """Run a comparison to its end here and now."""
    run_id = start_run(store, settings, plan)
    run_comparison(settings, at_once, run_id)
    return run_id


def _chat(question: str, answer: str) -> str:
    return json.dumps({"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]})
