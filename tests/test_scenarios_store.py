"""Cost scenarios are kept beside their assessment, and a second tab overwrites nothing."""

import pytest
from alembic import command
from sqlalchemy import inspect

from ftdecide.errors import ConflictError, NotFoundError
from ftdecide.settings import Settings
from ftdecide.store import assessments
from ftdecide.store.database import Store, migrations, open_store
from ftdecide.store.scenarios import find_scenario, load_scenario, save_scenario

DOCUMENT = {"schema_version": 1, "traffic": {"requests_per_month": 10}, "options": [{"name": "a"}]}
OTHER = {**DOCUMENT, "horizon_months": 6}


@pytest.fixture
def store(settings: Settings) -> Store:
    return open_store(settings)


@pytest.fixture
def owner(store: Store) -> str:
    return assessments.create(store, {"schema_version": 1}, title="Routing").id


def test_a_scenario_that_nobody_kept_is_none(store: Store, owner: str) -> None:
    assert find_scenario(store, owner) is None


def test_what_is_kept_is_found_by_its_own_id_and_by_its_assessment(
    settings: Settings, store: Store, owner: str
) -> None:
    saved = save_scenario(store, owner, DOCUMENT, own=("horizon_months",), expected_version=0)
    assert (saved.version, saved.document, saved.own) == (1, DOCUMENT, ("horizon_months",))
    assert load_scenario(open_store(settings), saved.id) == saved == find_scenario(store, owner)


def test_an_unknown_id_says_where_to_go(store: Store) -> None:
    with pytest.raises(NotFoundError, match=r"'gone'.*start page"):
        load_scenario(store, "gone")


@pytest.mark.parametrize("seen", [0, 1])
def test_the_second_of_two_tabs_is_told_and_overwrites_nothing(store: Store, owner: str, seen: int) -> None:
    for version in range(seen + 1):
        newest = save_scenario(store, owner, OTHER, own=(), expected_version=version)
    with pytest.raises(ConflictError, match="nothing was overwritten"):
        save_scenario(store, owner, DOCUMENT, own=(), expected_version=seen)
    assert find_scenario(store, owner) == newest


def test_a_copied_assessment_has_a_copy_of_its_costs_that_lives_a_life_of_its_own(store: Store, owner: str) -> None:
    save_scenario(store, owner, DOCUMENT, own=(), expected_version=0)
    copy = assessments.duplicate(store, owner)
    save_scenario(store, copy.id, OTHER, own=(), expected_version=1)
    original = find_scenario(store, owner)
    assert original is not None
    assert original.document == DOCUMENT


def test_a_store_of_the_layout_before_gains_the_table_and_keeps_its_assessments(
    settings: Settings, store: Store, owner: str
) -> None:
    with store.engine.begin() as connection:
        command.downgrade(migrations(connection), "0001")
        assert not inspect(connection).has_table("scenarios")
    again = open_store(settings)
    assert assessments.load(again, owner).title == "Routing"
    assert save_scenario(again, owner, DOCUMENT, own=(), expected_version=0).version == 1
