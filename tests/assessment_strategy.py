"""Any valid assessment, for property tests."""

from typing import Any, get_args

from hypothesis import strategies as st

from ftdecide.assessment.types import Assessment, Goal, Task, read_assessment

share = st.one_of(st.sampled_from([0.0, 0.5, 0.9, 1.0]), st.floats(0, 1))
money = st.one_of(st.floats(0, 1e6), st.floats(0, 1e308))
amount = st.one_of(money, st.tuples(money, money).map(lambda ends: {"low": min(ends), "high": max(ends)}))
count = st.one_of(st.integers(0, 40), st.integers(0, 2_000_000))


def part(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in fields.items()})


def one_of(*values: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


attempt = part(
    effort=one_of("none", "basic", "systematic"), score=share, model=st.text(max_size=5), examples_in_prompt=count
)
documents: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"schema_version": st.just(1)},
    optional={
        "title": st.text(max_size=20),
        "as_of": st.dates().map(str),
        "use_case": st.fixed_dictionaries(
            {},
            optional={
                "description": st.text(max_size=20),
                "task": one_of(None, *get_args(Task)),
                "goals": st.lists(one_of(*get_args(Goal)), unique=True),
                "label_scheme": one_of("public", "in_house", "none"),
                "output_format": one_of("free_text", "short_label", "strict_schema"),
                "needs_frontier_reasoning": st.booleans(),
                "knowledge": part(
                    source=one_of("general", "domain", "private"),
                    changes=one_of("never", "yearly", "monthly", "weekly", "daily"),
                    citations_required=st.booleans(),
                ),
                "target_score": share,
            },
        ),
        "traffic": part(
            requests_per_month=amount,
            prompt_tokens=amount,
            input_tokens=amount,
            output_tokens=amount,
            horizon_months=st.integers(1, 60),
            value_per_success_usd=amount,
        ),
        "alternatives": st.fixed_dictionaries(
            {},
            optional={
                "prompt_engineering": attempt,
                "few_shot": attempt,
                "rag": attempt,
                "change_base_model": attempt,
                "classical_model": attempt,
                "evaluation_examples": count,
                "evaluation_trust": one_of("none", "spot_checks", "automatic", "human_validated"),
            },
        ),
        "costs": part(
            provider=one_of("openai", "bedrock", "azure", "nobody knows this one"),
            base_model=one_of("gpt-4.1-mini", "Nova Lite", "another"),
            tunable=one_of("yes", "no", "existing_customers_only", "unknown"),
            base_model_retires_in_months=st.floats(0, 60),
            training_examples=count,
            training_data_quality=one_of("low", "mixed", "high"),
            can_collect_more=st.booleans(),
            cost_per_label_usd=amount,
            data_rights=one_of("cleared", "unclear", "blocked"),
            team_experience=one_of("none", "some", "expert"),
            engineer_hours=amount,
            hourly_rate_usd=amount,
            budget_usd=money,
            retraining_per_year=st.floats(0, 50),
        ),
        "benefits": part(
            fine_tuned_score=share,
            paired_wins=count,
            paired_losses=count,
            paired_ties=count,
            prompt_tokens_removed_share=share,
            smaller_model_planned=st.booleans(),
            domains=st.integers(1, 20),
        ),
    },
)
assessments: st.SearchStrategy[Assessment] = documents.map(read_assessment)
