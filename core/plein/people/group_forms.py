"""What may be typed about groups."""

from typing import Literal

from pydantic import Field

from plein.people.groups import MAX_DESCRIPTION, MAX_NAME
from plein.web.forms import Form


class GroupForm(Form):
    name: str = Field(min_length=1, max_length=MAX_NAME)
    kind: Literal["department", "project", "pilot"] = "department"
    description: str = Field("", max_length=MAX_DESCRIPTION)


class PersonInGroupForm(Form):
    who: str = Field(min_length=1, max_length=200)


class GroupInGroupForm(Form):
    child: str = Field(min_length=1, max_length=200)
