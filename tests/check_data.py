"""Validates every data file of the product; `make check` runs it as `python -m tests.check_data`.

`--write` brings generated files (the schema for editors) up to date first.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from ftdecide.catalog.load import load_catalog, read_price_examples
from ftdecide.catalog.schema import SCHEMA_PATH, provider_schema
from ftdecide.documents import read_document
from ftdecide.errors import FtdecideError, InputError
from ftdecide.settings import DATA


def check_catalog() -> str:
    """Read every provider, the GPU prices and the worked price examples."""
    catalog = load_catalog()
    models = sum(1 for _ in catalog.models())
    examples = read_price_examples().examples
    counts = f"{len(catalog.providers)} providers, {models} models, {len(catalog.gpus.gpus)} GPU prices"
    return f"{counts}, {len(examples)} price examples"


def check_lessons() -> str:
    """Read what the Learn page says."""
    from ftdecide.catalog.lessons import load_lessons

    lessons = load_lessons()
    return f"{len(lessons.questions)} learning questions, {len(lessons.systems)} systems"


def check_questions() -> str:
    """Read the questionnaire."""
    from ftdecide.assessment.questions import load_questions

    return f"{sum(len(block.questions) for block in load_questions())} questions"


def check_evidence() -> str:
    """Read the decision's effect sizes, gates and answers."""
    from ftdecide.decision.evidence import load_answers, load_effects, load_steps

    load_effects()
    load_steps()
    load_answers()
    return "evidence"


def check_dataset_facts() -> str:
    """Read what is known of training files, encodings and findings."""
    from ftdecide.dataset.facts import dataset_facts, encoding_facts
    from ftdecide.dataset.signs.facts import languages, personal_data, phrases
    from ftdecide.dataset.signs.thresholds import thresholds
    from ftdecide.dataset.wording import wording

    dataset_facts()
    for read in (thresholds, phrases, personal_data, languages):
        read()
    return f"{len(encoding_facts().models)} encodings of models, {len(wording().findings)} kinds of findings"


def check_guardrails() -> str:
    """Read the general questions, and how one knows that a text says nothing is known."""
    from ftdecide.experiment.general.questions import general_questions
    from ftdecide.experiment.guardrails import says_unknown

    says_unknown("unknown")
    return f"{len(general_questions().questions)} general questions"


def check_judge() -> str:
    """Read what a judge is told, and which models are kin; every maker's word tells its own family alone."""
    from ftdecide.experiment.judge.facts import families_of, judge_facts

    names = judge_facts().families.names
    for family, words in names.items():
        for word in words:
            if families_of(word) != {family}:
                raise InputError(f"judge.yml: {word!r} tells {sorted(families_of(word))}, not {family!r} alone")
    return f"{len(names)} families of models"


def check_serving() -> str:
    """Read what was published of serving open models, and the constants fitted on it."""
    from ftdecide.costs.serving_data import published_rates, serving_facts

    serving_facts()
    return f"{len(published_rates().rows)} published serving rates"


def check_samples() -> str:
    """Read every demonstration data set, each file to its last line."""
    from ftdecide.dataset.read import read_examples
    from ftdecide.dataset.samples import list_samples

    samples = list_samples()
    lines = sum(len(read_examples(path)) for sample in samples for path in (sample.train_path, sample.test_path))
    return f"{len(samples)} samples with {lines} examples"


def check_assessments() -> str:
    """Read every example assessment."""
    from ftdecide.assessment.types import read_assessment

    paths = sorted((DATA / "examples").glob("*.y*ml")) + sorted((DATA / "examples").glob("*.json"))
    for path in paths:
        read_assessment(read_document(path), str(path))
    return f"{len(paths)} example assessments"


def check_costs() -> str:
    """Read what the cost engine assumes, and cost every example scenario."""
    from datetime import UTC, datetime

    from ftdecide.costs.assumptions import AssumedAmounts, load_assumptions
    from ftdecide.costs.estimate import estimate
    from ftdecide.costs.scenario import read_scenario

    load_assumptions()
    paths = sorted((DATA / "examples" / "scenarios").glob("*.yml"))
    for path in paths:
        scenario = read_scenario(read_document(path), str(path))
        estimate(scenario, datetime.now(UTC).date(), load_catalog(), draws=100)
    return f"{len(AssumedAmounts.model_fields)} assumptions about costs, {len(paths)} example scenarios"


def check_templates() -> str:
    """Read what a cost comparison can begin with, and cost all of it."""
    from datetime import UTC, datetime

    from ftdecide.costs.basis import begin, take_over
    from ftdecide.costs.estimate import estimate
    from ftdecide.costs.scenario import read_scenario
    from ftdecide.costs.templates import fill_template, load_templates

    loaded = load_templates()
    basis = take_over(None, loaded.assumed, load_catalog())
    document = begin(basis, [fill_template(template, basis) for template in loaded.templates])
    estimate(read_scenario(document, "templates"), datetime.now(UTC).date(), load_catalog(), draws=100)
    return f"{len(loaded.templates)} templates of cost options"


def check_training() -> str:
    """Read what the training estimate knows: architectures, accelerators, assumptions, constants."""
    from ftdecide.costs.compute.assumptions import load_assumptions
    from ftdecide.costs.compute.constants import load_constants
    from ftdecide.costs.compute.gpus import load_gpus
    from ftdecide.costs.compute.models import load_models

    load_assumptions()
    load_constants()
    return f"{len(load_models())} open models, {len(load_gpus())} accelerators"


def check_documents() -> str:
    """Parse every YAML and JSON file at all, so that none can rot unread."""
    paths = [path for path in sorted(DATA.rglob("*")) if path.suffix in (".yml", ".yaml", ".json")]
    for path in paths:
        read_document(path)
    return f"{len(paths)} files parsed"


def check_schema() -> str:
    """Compare the schema for editors with the models it is generated from."""
    if (DATA / SCHEMA_PATH).read_text(encoding="utf-8") != provider_schema():
        raise InputError(f"{str(DATA / SCHEMA_PATH)!r} is out of date; run `python -m tests.check_data --write`")
    return "schema current"


CHECKS: tuple[Callable[[], str], ...] = (
    check_documents,
    check_schema,
    check_catalog,
    check_lessons,
    check_questions,
    check_evidence,
    check_dataset_facts,
    check_judge,
    check_guardrails,
    check_serving,
    check_samples,
    check_assessments,
    check_costs,
    check_training,
    check_templates,
)


def main(arguments: list[str]) -> int:
    """Run all checks; print one summary line, or every problem found, and return the exit status."""
    if "--write" in arguments:
        Path(DATA / SCHEMA_PATH).write_text(provider_schema(), encoding="utf-8")
    results: list[str] = []
    problems: list[str] = []
    for check in CHECKS:
        try:
            results.append(check())
        except FtdecideError as error:
            problems.append(f"{check.__name__}: {error}")
    for problem in problems:
        print(problem, file=sys.stderr)  # noqa: T201 - a command's output
    if not problems:
        print("data: " + "; ".join(results))  # noqa: T201 - a command's output
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
