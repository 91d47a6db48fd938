"""What a cost scenario can begin with: the usual ways to serve the same requests, as data that people may change."""

from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ftdecide.assessment.types import Amount, Count, Flag, Number, Share
from ftdecide.costs.basis import Basis
from ftdecide.costs.span import Span
from ftdecide.documents import read_document, validate
from ftdecide.settings import DATA

Document = dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Training(_Part):
    """How an option is trained; its tokens come from the number of examples."""

    method: Literal["sft", "dpo", "rft"]
    epochs: Number
    runs: Annotated[Count, Field(ge=1)]
    hours: Amount | None = None


class Machine(_Part):
    """The machine that serves an option."""

    gpu: str
    cloud: str
    count: Annotated[Count, Field(ge=1)]
    hours_per_month: Annotated[Number, Field(le=744)]


class Retrieval(_Part):
    """What looking up documents costs besides the tokens that it adds to a request."""

    usd_per_month: Amount


class Template(_Part):
    """One usual way to serve the requests, before an assessment's numbers are filled in."""

    id: str
    title: str
    explain: str
    provider: str
    model: str
    as_assessed: Flag = False
    fine_tuned: Flag = False
    instructions_kept: Share
    examples_in_prompt: Count = 0
    retrieved_tokens: Amount = 0
    retrieval: Retrieval | None = None
    training: Training | None = None
    hosting: Machine | None = None
    hours: Amount | Literal["as_assessed"]
    further_hours: Amount = 0
    upkeep_hours_per_month: Amount


class Templates(_Part):
    """The contents of `data/scenario_templates.yml`."""

    assumed: dict[str, Amount]
    start: tuple[str, ...]
    start_for_knowledge: tuple[str, ...]
    templates: tuple[Template, ...]

    @model_validator(mode="after")
    def _known(self) -> Self:
        ids = [template.id for template in self.templates]
        for named in (*self.start, *self.start_for_knowledge):
            if named not in ids:
                raise ValueError(f"start: no template has the id {named!r}; known are {', '.join(ids)}")
        return self


@cache
def load_templates() -> Templates:
    """Read the templates and what is assumed where nobody has answered, once.

    Raises:
        InputError: `data/scenario_templates.yml` is not as it should be.
    """
    path = DATA / "scenario_templates.yml"
    return validate(Templates, read_document(path), str(path))


def tuning() -> Template:
    """Return the template of tuning at a provider."""
    return next(template for template in load_templates().templates if template.training and not template.hosting)


def own_machine() -> Template:
    """Return the template that runs on a machine of one's own."""
    return next(template for template in load_templates().templates if template.hosting is not None)


def fill_template(template: Template, basis: Basis) -> Document:
    """Return the option that a template becomes with an assessment's numbers, as a scenario document has it."""
    option: Document = {"name": template.title, "provider": template.provider, "model": template.model}
    if template.as_assessed and basis.model is not None:
        option["provider"], option["model"] = basis.model
    if template.fine_tuned:
        option["fine_tuned"] = True
    one_example = basis.span("input_tokens").plus(basis.span("output_tokens"))
    instructions = basis.span("prompt_tokens").times(template.instructions_kept)
    fixed = instructions.plus(one_example.times(template.examples_in_prompt)).plus(Span.of(template.retrieved_tokens))
    option["prompt_tokens"] = fixed.whole()
    if template.training is not None:
        row = instructions.plus(one_example)
        option["training"] = {
            **template.training.model_dump(exclude_none=True),
            "tokens_per_epoch": row.times(basis.span("training_examples").low).whole(),
            "retrainings_per_year": basis.span("retraining_per_year").low,
        }
    if template.hosting is not None:
        option["hosting"] = template.hosting.model_dump()
    if template.retrieval is not None:
        option["retrieval"] = {"usd_per_month": Span.of(template.retrieval.usd_per_month).amount()}
    option["effort"] = _effort(template, basis)
    return option


def first_options(basis: Basis) -> list[Document]:
    """Return the options that a new scenario begins with."""
    loaded = load_templates()
    named = loaded.start_for_knowledge if basis.wants_knowledge else loaded.start
    by_id = {template.id: template for template in loaded.templates}
    return [fill_template(by_id[id_], basis) for id_ in named]


def _effort(template: Template, basis: Basis) -> Document:
    """Hours, rate and upkeep; examples that are at hand already cost nothing, unknown ones are all to be labelled."""
    hours = basis.span("engineer_hours") if template.hours == "as_assessed" else Span.of(template.hours)
    effort: Document = {
        "hours": hours.plus(Span.of(template.further_hours)).amount(),
        "usd_per_hour": basis.span("hourly_rate_usd").amount(),
        "upkeep_hours_per_month": Span.of(template.upkeep_hours_per_month).amount(),
    }
    if template.training is not None and "training_examples" not in basis.answered:
        effort["labels"] = int(basis.span("training_examples").low)
        effort["usd_per_label"] = basis.span("cost_per_label_usd").amount()
    return effort
