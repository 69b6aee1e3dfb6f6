"""Who gets in: groups, and bringing in people from a directory."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from authorisation.rules import Row, colleague, office
from plein.people.models import Group

#: A viewer of the table holds no office, so these are pages of administrators here.
keeper = office("people_manager")
_GROUP = {"group": "a-group"}

SITE = {
    "GET": {
        "groups.list": Row(colleague),
        "groups.show": Row(colleague, _GROUP),
        "groups.new": Row(keeper),
        "groups.edit": Row(keeper, _GROUP),
        "groups.delete": Row(keeper, _GROUP),
    },
    "POST": {
        "groups.new": Row(keeper, form={"name": "Team"}),
        "groups.edit": Row(keeper, _GROUP, form={"name": "Team"}),
        "groups.delete": Row(keeper, _GROUP),
        "groups.add": Row(keeper, _GROUP, form={"who": "spare"}),
        "groups.remove": Row(keeper, _GROUP | {"user": "{spare}"}),
        "groups.nest": Row(keeper, _GROUP, form={"child": "another"}),
        "groups.unnest": Row(keeper, _GROUP | {"child": "another"}),
    },
}


def prepare(db: Session, people: dict[str, Any], space: Any) -> None:
    """Two groups, once."""
    if db.scalar(select(Group.id).where(Group.slug == "a-group")) is None:
        db.add_all(Group(uid=slug, slug=slug, name=slug, sort_name=slug) for slug in ("a-group", "another"))
