"""Writing a comparison as a promptfoo configuration: its arms as prompts and providers, its test rows with asserts.

The form is that of https://www.promptfoo.dev/docs/configuration/reference (read 2026-11-22). Texts of prompts and rows
are kept from being read as templates. A classical classifier asks no model, so it is left out.
"""

import json
import re
from collections.abc import Mapping, Sequence

import yaml

from ftdecide.experiment.arm_plan import ArmPlan, model_of, uses_retrieval
from ftdecide.experiment.messages import ChatMessage, examples_for, instructions_for, messages_for
from ftdecide.experiment.plan import Experiment
from ftdecide.experiment.promptfoo.asserts import asserts_for, is_strict
from ftdecide.experiment.types import Row, Rows
from ftdecide.providers.connections import find_connection
from ftdecide.translation import _

Document = dict[str, object]
QUESTION = "question"
_SYSTEM = "system"
_TEMPLATE = re.compile(r"\{[{%#]|[}%#]\}|^(file|package):")
LOCAL_ADDRESS, LOCAL_KEY = "FTDECIDE_LOCAL_URL", "FTDECIDE_LOCAL_TOKEN"


def write_promptfoo(experiment: Experiment, rows: Rows, tuned: Mapping[str, str]) -> str:
    """Return the configuration as YAML; `tuned` names the model of every arm that has one, others are left out."""
    arms = [
        arm for arm in experiment.arms if arm.kind != "classical" and (arm.kind != "fine_tuned" or arm.name in tuned)
    ]
    document: Document = {
        "description": _describe(experiment),
        "prompts": [_prompt(experiment, arm, rows) for arm in arms],
        "providers": [_provider(experiment, arm, tuned) for arm in arms],
        "tests": [_test(experiment, arms, row, rows) for row in rows.test],
    }
    if experiment.repeats > 1:
        document["evaluateOptions"] = {"repeat": experiment.repeats}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)


def literal(text: str) -> str:
    """Return a text that promptfoo shows as it is, whatever braces are in it."""
    if not _TEMPLATE.search(text):
        return text
    closing = re.compile(r"\{%-?\s*endraw\s*-?%\}")
    parts = closing.split(text)
    # Whatever would end the literal part is itself written by an expression between two of them.
    ends = [f"{{{{ {json.dumps(found)} }}}}" for found in closing.findall(text)]
    wrapped = [f"{{% raw %}}{part}{{% endraw %}}" if part else "" for part in parts]
    return "".join(part + end for part, end in zip(wrapped, [*ends, ""], strict=True))


def _describe(experiment: Experiment) -> str:
    text = _("{title} (test rows of a comparison made with ftdecide)").format(title=experiment.title)
    if not is_strict(experiment.grader):
        text += ". " + _("The asserts come as near to the grader “{grader}” as promptfoo's own rules do.").format(
            grader=experiment.grader.kind
        )
    return text


def _prompt(experiment: Experiment, arm: ArmPlan, rows: Rows) -> Document:
    examples = examples_for(experiment, arm, rows.train)
    asked = Row(item="", prompt="", reference="", line=0)
    chat = [*messages_for(experiment, arm, asked, examples)[:-1]]
    written: list[ChatMessage] = [{"role": each["role"], "content": literal(each["content"])} for each in chat]
    if not instructions_for(experiment, arm).strip() and any(row.system for row in rows.test):
        written.insert(0, {"role": "system", "content": f"{{{{ {_SYSTEM} }}}}"})
    written.append({"role": "user", "content": f"{{{{ {_variable(arm)} }}}}"})
    return {"id": arm.name, "label": arm.name, "raw": json.dumps(written, ensure_ascii=False)}


def _provider(experiment: Experiment, arm: ArmPlan, tuned: Mapping[str, str]) -> Document:
    plan = experiment.provider
    connection = find_connection(plan.id, plan.base_url)
    model = tuned.get(arm.name) or model_of(arm, plan.model)
    config: Document = {"temperature": 0, "max_tokens": experiment.max_output_tokens}
    kind = "openai"
    if connection.dialect == "azure":
        kind = "azure"
        config |= {"apiHost": f"{{{{ env.{connection.address_variable} }}}}", "apiKeyEnvar": connection.key_variable}
    elif connection.key_variable is None:
        config |= {"apiBaseUrl": f"{{{{ env.{LOCAL_ADDRESS} }}}}", "apiKeyEnvar": LOCAL_KEY}
    else:
        config |= {"apiBaseUrl": plan.base_url or connection.base_url, "apiKeyEnvar": connection.key_variable}
    return {"id": f"{kind}:chat:{model}", "label": arm.name, "prompts": [arm.name], "config": config}


def _test(experiment: Experiment, arms: Sequence[ArmPlan], row: Row, rows: Rows) -> Document:
    values = {QUESTION: row.prompt}
    for arm in arms:
        if uses_retrieval(arm):
            examples = examples_for(experiment, arm, rows.train)
            values[_variable(arm)] = messages_for(experiment, arm, row, examples)[-1]["content"]
    if row.system:
        values[_SYSTEM] = row.system
    written = {name: literal(value) for name, value in values.items()}
    test: Document = {"vars": written, "assert": asserts_for(experiment.grader, row.reference)}
    metadata = {"item": row.item, **({"group": row.group} if row.group else {})}
    return {"description": row.item, **test, "metadata": metadata}


def _variable(arm: ArmPlan) -> str:
    return f"{QUESTION}_{arm.name.replace('-', '_')}" if uses_retrieval(arm) else QUESTION
