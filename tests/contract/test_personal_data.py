"""Whatever is kept about people is declared: the register, the export and erasing are made of nothing else."""

from collections import defaultdict

import pytest

from plein.app import build_site
from plein.db import Base
from plein.plugins import Plugins


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Plugins:
    folder = tmp_path_factory.mktemp("personal")
    site = build_site({"plein.secret": "x" * 40, "plein.database_url": f"sqlite:///{folder}/plein.sqlite"})
    site.engine.dispose()
    return site.plugins


def columns_that_name_a_user() -> set[tuple[str, str]]:
    return {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "user" for key in column.foreign_keys)
    }


def test_every_column_that_names_a_user_is_declared(plugins: Plugins) -> None:
    declared = {(data.table, data.columns[0]) for _, data in plugins.personal_data}
    missing = columns_that_name_a_user() - declared
    assert not missing, (
        "these columns refer to a user, and no register_personal_data says what for; add a PersonalData whose first "
        f"column it is to personal.py of the feature: {sorted(missing)}"
    )


def test_what_is_declared_exists(plugins: Plugins) -> None:
    unknown = [
        f"{data.table}.{column}"
        for _, data in plugins.personal_data
        for column in (*data.columns, *data.withheld)
        if data.table not in Base.metadata.tables or column not in Base.metadata.tables[data.table].columns
    ]
    assert not unknown


def test_every_column_of_an_account_is_declared(plugins: Plugins) -> None:
    declared = {
        column
        for _, data in plugins.personal_data
        if data.table == "user"
        for column in (*data.columns, *data.withheld)
    }
    # Neither says anything of a person: a random number, and what reminders were sent.
    assert set(Base.metadata.tables["user"].columns.keys()) - declared == {"uid", "reminded_of"}


def test_keys_and_hashes_are_never_handed_out(plugins: Plugins) -> None:
    words = ("hash", "secret", "token", "password", "public_key", "credential")
    handed_out = [
        f"{data.table}.{column}"
        for _, data in plugins.personal_data
        for column in data.columns
        if any(word in column for word in words)
    ]
    assert not handed_out


def test_what_can_be_deleted_only_once_is_declared_once(plugins: Plugins) -> None:
    ways: dict[tuple[str, str], set[str]] = defaultdict(set)
    for _, data in plugins.personal_data:
        ways[(data.table, data.columns[0])].add(data.erased)
    assert not [place for place, found in ways.items() if len(found) > 1]


def test_no_table_keeps_a_score_of_persons() -> None:
    """Work councils (WOR, article 27) and people themselves: nothing counts what one person does."""
    words = ("score", "points", "rank", "karma", "reputation", "productivity")
    found = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(word in column.name for word in words)
    ]
    assert not found
