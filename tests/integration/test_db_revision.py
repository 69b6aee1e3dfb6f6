"""``plein db revision``: what it writes runs up and down over rows, for every kind of column that models have."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Boolean, Engine, ForeignKey, Text, inspect, text
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, migrate
from plein.db.engine import WRITES
from plein.db.migrate import MigrationError
from plein.db.revisions import write_revision
from plein.db.types import JSONValue


@pytest.fixture
def plugin(tmp_path: Path) -> Any:
    """A plugin without a table yet, in a folder of its own."""
    folder = tmp_path / "plein_pond"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    module = SimpleNamespace(__name__="plein_pond", __path__=[str(folder)], __file__=str(folder / "__init__.py"))
    return SimpleNamespace(plugins=[SimpleNamespace(name="pond", module=module)], folder=folder)


@pytest.fixture
def duck() -> Iterator[Any]:
    """A model of that plugin, which no other test meets."""

    class Duck(Base):
        __tablename__ = "pond_duck"
        __module__ = "plein_pond"

        id: Mapped[PrimaryKey]
        name: Mapped[str]

    yield Duck
    Base.registry._dispose_cls(Duck)
    Base.metadata.remove(Duck.__table__)


def test_new_columns_of_every_kind_go_up_and_down_over_rows(engine: Engine, plugin: Any, duck: Any) -> None:
    first = write_revision(engine, plugin, name="pond", message="The ducks")
    assert first.name == "0001_the_ducks.py"
    migrate.upgrade(engine, plugin, only="pond")
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(text("INSERT INTO pond_duck (name) VALUES ('Kwik')"))
    duck.seen_at = mapped_column(Base.type_annotation_map[datetime], nullable=True)
    duck.size = mapped_column(Base.type_annotation_map[int], default=3, nullable=False)
    duck.rare = mapped_column(Boolean, default=True, nullable=False)
    duck.call = mapped_column(Text, default="kwak", nullable=False)
    duck.facts = mapped_column(JSONValue, nullable=True)
    duck.owner_id = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), nullable=True, index=True)
    second = write_revision(engine, plugin, name="pond", message="More of them")
    source = second.read_text()
    assert second.name == "0002_more_of_them.py" and "plein." not in source and "'" not in source
    migrate.upgrade(engine, plugin, only="pond")
    with engine.connect() as connection:
        row = connection.execute(text("SELECT name, size, rare, call FROM pond_duck")).one()
        assert (row.name, row.size, bool(row.rare), row.call) == ("Kwik", 3, True, "kwak")
    migrate.downgrade(engine, plugin, name="pond")
    assert {column["name"] for column in inspect(engine).get_columns("pond_duck")} == {"id", "name"}
    migrate.downgrade(engine, plugin, name="pond", to="base")
    assert not inspect(engine).has_table("pond_duck")


def test_where_nothing_differs_nothing_is_written(engine: Engine, plugin: Any) -> None:
    with pytest.raises(MigrationError, match="nothing to write: the tables of pond are what its models say"):
        write_revision(engine, plugin, name="pond", message="Nothing")
    assert [path.name for path in plugin.folder.iterdir()] == ["__init__.py"]


def test_a_name_that_no_package_has_is_one_sentence(engine: Engine, plugin: Any) -> None:
    with pytest.raises(MigrationError, match="There is no package 'pnd'"):
        write_revision(engine, plugin, name="pnd", message="x")


def test_a_table_that_no_migration_makes_stops_the_upgrade(engine: Engine, plugin: Any, duck: Any) -> None:
    info = SimpleNamespace(name="pond", module=plugin.plugins[0].module, distribution="plein-pond", version="1.0")
    plugin.plugins[:] = [info]
    plugin.content_types = {}
    with pytest.raises(MigrationError, match=r"pond has models of pond_duck.*: plein db revision -p pond -m \"first\""):
        migrate.upgrade(engine, plugin)
    write_revision(engine, plugin, name="pond", message="first")
    assert migrate.upgrade(engine, plugin) == [("pond", "upgrade", "0001")]
    migrate.downgrade(engine, plugin, name="pond", to="base")
