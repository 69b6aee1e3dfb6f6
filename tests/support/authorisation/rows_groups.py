"""Who gets in: groups, and bringing in people from a directory."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from authorisation.rules import Row, colleague, office
from plein.people.models import Group

#: A viewer of the table holds no office, so these are pages of administrators here.
keeper = office("people_manager")


def nobody_else(rule: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """As *rule*, of something that is not there: whoever would get in is told so."""

    def none(viewer: str, access: str) -> str:
        answer = rule(viewer, access)
        return "none" if answer == "in" else answer

    return none


_GROUP = {"group": "a-group"}

SITE = {
    "GET": {
        "groups.list": Row(colleague),
        "groups.show": Row(colleague, _GROUP),
        "groups.new": Row(keeper),
        "groups.edit": Row(keeper, _GROUP),
        "groups.delete": Row(keeper, _GROUP),
        "admin.directory": Row(keeper),
        # A file is its sender's alone; and there was no run.
        "admin.directory.columns": Row(nobody_else(keeper), {"uid": "0" * 8 + "-0000-0000-0000-" + "0" * 12}),
        "admin.directory.run": Row(nobody_else(keeper), {"id": "1"}),
        "admin.directory.report": Row(nobody_else(keeper), {"id": "1"}),
    },
    "POST": {
        "admin.directory": Row(keeper, form={"kind": "people"}),
        "admin.directory.columns": Row(nobody_else(keeper), {"uid": "0" * 8 + "-0000-0000-0000-" + "0" * 12}),
        "admin.directory.run": Row(nobody_else(keeper), {"id": "1"}),
        "admin.directory.source": Row(nobody_else(keeper), {"name": "unknown"}),
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
