"""What may be typed in about an item."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, field_validator

from plein.content.titles import MAX_TITLE, clean_title
from plein.web.forms import Form

#: More than thirty tags of sixty characters; how many there may be the tags say themselves.
MAX_TAGS_TEXT = 8_000

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_TITLE)]


class ItemForm(BaseModel):
    """A new or changed item. Line ends become those of Unix: browsers send both kinds."""

    title: Annotated[Line, Field(min_length=1)]
    body: str = ""
    tags: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_TAGS_TEXT)] = ""
    note: Line = ""
    #: whom a new item is for, where it is not for everybody in the space
    readers: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] = ""
    #: nobody needs to hear of it
    minor: bool = False
    base_version: Annotated[int, Field(ge=0, le=2**31)] = 0

    @field_validator("title")
    @classmethod
    def one_line(cls, value: str) -> str:
        cleaned = clean_title(value)
        if not cleaned:
            raise ValueError("empty")
        return cleaned

    @field_validator("body")
    @classmethod
    def unix_lines(cls, value: str) -> str:
        return value.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")

    @property
    def tag_list(self) -> list[str]:
        return [tag for tag in self.tags.split(",") if tag.strip()]


class AudienceForm(Form):
    """For whom an item is. ``act`` says what to do; ``who`` is for naming, ``kind`` and ``id`` for who is named."""

    act: Literal["name", "open", "level", "take_out"]
    who: Annotated[str, Field(max_length=2_000)] = ""
    level: Literal["read", "write"] = "read"
    kind: Literal["user", "group"] = "user"
    id: Annotated[int, Field(ge=0, le=2**62)] = 0
