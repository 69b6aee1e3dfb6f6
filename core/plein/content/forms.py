"""What may be typed in about an item."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, field_validator

from plein.content.titles import MAX_TITLE, clean_title

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_TITLE)]


class ItemForm(BaseModel):
    """A new or changed item. Line ends become those of Unix: browsers send both kinds."""

    title: Annotated[Line, Field(min_length=1)]
    body: str = ""
    tags: Line = ""
    note: Line = ""
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
