"""What may be typed about a profile, and about a field that is declared for all."""

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from plein.web.forms import Form, problem
from plein.web.i18n import _

MAX_TAGS = 20
MAX_TAG = 60
MAX_CHOICES = 100

#: Parts of a profile that a directory may be the only one to fill (``plein.directory_fields``).
OF_DIRECTORY = ("pronouns", "function", "department", "location", "phone", "manager")

_PHONE = re.compile(r"[0-9 +()./-]+(?: ?(?:toestel|ext\.?|x) ?[0-9]+)?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")

Level = Literal["colleagues", "shared", "managers"]


def one_line(text: str) -> str:
    """*text* on one line, without signs that turn the direction of what follows."""
    return " ".join(_CONTROL.sub(" ", text).split())


class ProfileForm(Form):
    """The built-in parts of a profile. ``expertise`` is a list with commas."""

    pronouns: str = Field("", max_length=40)
    function: str = Field("", max_length=120)
    department: str = Field("", max_length=120)
    location: str = Field("", max_length=120)
    phone: str = Field("", max_length=40)
    manager: str = Field("", max_length=200)
    about: str = Field("", max_length=2_000)
    expertise: str = Field("", max_length=1_500)
    shown_pronouns: Level = "colleagues"
    shown_location: Level = "colleagues"
    shown_phone: Level = "colleagues"
    shown_about: Level = "colleagues"

    @field_validator("pronouns", "function", "department", "location", "phone", "manager")
    @classmethod
    def _on_one_line(cls, value: str) -> str:
        return one_line(value)

    @field_validator("phone")
    @classmethod
    def _can_be_called(cls, value: str) -> str:
        if value and not (_PHONE.fullmatch(value) and sum(sign.isdigit() for sign in value) >= 3):
            raise problem(_("This is not a telephone number. Use digits, spaces, +, - and brackets."))
        return value

    @field_validator("expertise")
    @classmethod
    def _not_too_many(cls, value: str) -> str:
        found = tags(value)
        if len(found) > MAX_TAGS:
            raise problem(_("These are too many: at most ${count}.", mapping={"count": MAX_TAGS}))
        if any(len(tag) > MAX_TAG for tag in found):
            raise problem(_("Put a comma between one subject and the next."))
        return value


def tags(text: str) -> list[str]:
    """The subjects in a list with commas, each once whatever its case."""
    cleaned = (one_line(part).strip("#") for part in re.split(r"[,;\n]", text))
    seen: dict[str, str] = {}
    for tag in cleaned:
        if tag:
            seen.setdefault(tag.casefold(), tag)
    return list(seen.values())


class FieldForm(Form):
    """A field that administrators declare. ``choices`` has one option on a line."""

    title: str = Field(min_length=1, max_length=80)
    help: str = Field("", max_length=200)
    kind: Literal["text", "long", "link", "choice", "date", "yes_no"] = "text"
    choices: str = Field("", max_length=8_000)
    filled_by: Literal["person", "directory", "both"] = "person"
    level: Level = "colleagues"
    may_choose: bool = False
    in_filter: bool = False

    @field_validator("title", "help")
    @classmethod
    def _on_one_line(cls, value: str) -> str:
        return one_line(value)

    @model_validator(mode="after")
    def _fits(self) -> "FieldForm":
        if self.kind == "choice" and not 2 <= len(self.options()) <= MAX_CHOICES:
            raise problem(_("A choice needs two options or more, one on each line, and not more than 100."))
        if self.in_filter and self.level != "colleagues":
            raise problem(_("Only what all colleagues see can be a filter."))
        if self.in_filter and self.kind not in ("text", "choice"):
            raise problem(_("Only a line of text and a choice can be a filter."))
        return self

    def options(self) -> list[str]:
        lines = (one_line(line)[:200] for line in self.choices.split("\n"))
        return list(dict.fromkeys(line for line in lines if line))

    def values(self) -> dict[str, object]:
        """As the field stores them."""
        options = self.options() if self.kind == "choice" else []
        return self.model_dump(exclude={"choices"}) | {"choices": options}
