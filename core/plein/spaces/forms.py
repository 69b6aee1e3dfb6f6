"""What may be typed in about a space and its members. Rules that need the database are in the services."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from plein.spaces.joining import MAX_NOTE
from plein.spaces.keeping import MAX_WELCOME
from plein.spaces.services import MAX_NAME, MAX_PURPOSE
from plein.web.forms import Form, problem
from plein.web.i18n import _

Access = Literal["open", "closed", "hidden"]
Role = Literal["manager", "editor", "member", "reader"]


class SpaceForm(Form):
    """A space, new or as it is to become."""

    name: Annotated[str, Field(max_length=MAX_NAME)]
    purpose: Annotated[str, Field(max_length=MAX_PURPOSE)] = ""
    access: Access = "open"
    language: Literal["nl", "en"] = "nl"
    #: the address of the space above; empty for none
    parent: Annotated[str, Field(max_length=100)] = ""
    #: what a new space starts from; empty for an empty one
    template: Annotated[str, Field(max_length=100)] = ""

    @field_validator("name")
    @classmethod
    def _has_a_name(cls, name: str) -> str:
        if not name:
            raise problem(_("Give the space a name."))
        return name


class AddressForm(Form):
    """Another address for a space."""

    address: Annotated[str, Field(max_length=200)] = ""


class EarlierForm(Form):
    """What becomes of an earlier address: it goes, or it is kept after all."""

    address: Annotated[str, Field(max_length=200)] = ""
    act: Literal["remove", "keep"] = "remove"


class WelcomeForm(Form):
    """The words for who is new in a space."""

    welcome: Annotated[str, Field(max_length=MAX_WELCOME)] = ""


class JoinForm(Form):
    """What somebody says to the managers whom they ask to join."""

    note: Annotated[str, Field(max_length=MAX_NOTE)] = ""


class AddMemberForm(Form):
    """A person to add, by what they sign in with or their name; or a group, as ``group:`` and its short name."""

    who: Annotated[str, Field(max_length=200)] = ""
    role: Role = "member"


class InviteForm(Form):
    """Somebody to invite: what they sign in with, their name, or an e-mail address."""

    who: Annotated[str, Field(max_length=200)] = ""
    role: Role = "member"
    note: Annotated[str, Field(max_length=MAX_NOTE)] = ""


class RoleForm(Form):
    """Another role for a member."""

    role: Role
