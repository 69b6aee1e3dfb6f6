"""Groups and fields of the profile follow what the provider says, at each sign-in."""

from typing import Any

import pytest
from forger import Forger
from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.api import Base

TABLES = Base.metadata.tables
GROUP, IN_GROUP, USER, FIELD, VALUE = (
    TABLES[name] for name in ("group", "group_person", "user", "person_field", "person_value")
)


@pytest.fixture
def telling(oidc_settings: dict[str, str], request: pytest.FixtureRequest) -> Any:
    """A site that takes over groups and fields."""
    oidc_settings |= {
        "oidc.work.groups_claim": "groups",
        "oidc.work.fields": "department=dept room=room badge=badge",
    }
    return request.getfixturevalue("site")


def groups(db: Session) -> list[str]:
    found = select(GROUP.c.name).join(IN_GROUP, IN_GROUP.c.group_id == GROUP.c.id).order_by(GROUP.c.name)
    names = list(db.scalars(found))
    db.rollback()
    return names


def again(site: Any, **claims: Any) -> None:
    site.app.reset()
    site.forger.claims |= claims
    assert site.enter().status_int == 303


def test_groups_are_made_joined_and_left_as_the_provider_says(telling: Any, db: Session) -> None:
    again(telling, groups=["Loket", "  Loket ", "Handhaving"])
    assert groups(db) == ["Handhaving", "Loket"]
    again(telling, groups=["Loket", "Bestuur"])
    assert groups(db) == ["Bestuur", "Loket"]
    again(telling, sub="subject-bas", preferred_username="bas", groups=["Loket"])
    assert groups(db) == ["Bestuur", "Loket", "Loket"]
    again(telling, groups=[])
    assert groups(db) == ["Bestuur", "Loket"]
    assert set(db.scalars(select(GROUP.c.source))) == {"work"}


def test_groups_that_people_keep_are_left_alone(telling: Any, db: Session) -> None:
    again(telling)
    user = db.scalar(select(USER.c.id))
    made = GROUP.insert().values(uid="g", slug="loket", name="Loket", sort_name="loket", kind="project", description="")
    from plein.api import utcnow

    group = db.execute(made.values(created_at=utcnow()).returning(GROUP.c.id)).scalar_one()
    for table in ("group_member", "group_person"):
        values = {"group_id": group, "user_id": user} | ({"created_at": utcnow()} if table == "group_member" else {})
        db.execute(TABLES[table].insert().values(values))
    db.commit()
    again(telling, groups=["Loket"])
    assert groups(db) == ["Loket", "Loket"]
    again(telling, groups=[])
    assert groups(db) == ["Loket"]


def test_fields_are_filled_and_what_is_empty_or_not_theirs_stays(telling: Any, db: Session) -> None:
    declared = {"kind": "text", "level": "colleagues", "may_choose": False, "help": "", "choices": []}
    for position, (name, filled_by) in enumerate((("room", "directory"), ("badge", "person"))):
        db.execute(FIELD.insert().values(**declared, name=name, title=name, filled_by=filled_by, position=position))
    db.commit()
    again(telling, dept="Burgerzaken", room="2.14", badge="7")
    assert db.scalar(select(USER.c.department)) == "Burgerzaken"
    assert list(db.scalars(select(VALUE.c.value))) == ["2.14"]
    db.rollback()
    again(telling, dept="", room="x" * 400)
    assert db.scalar(select(USER.c.department)) == "Burgerzaken"
    assert list(db.scalars(select(VALUE.c.value))) == ["2.14"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_coming_in_again_with_nothing_new_writes_nothing_about_groups(
    telling: Any, forger: Forger, count_statements: Any
) -> None:
    again(telling, groups=["Loket"])
    with count_statements() as counted:
        again(telling)
    assert [one for one in counted.statements if "group_person" in one and not one.startswith("SELECT")] == []
