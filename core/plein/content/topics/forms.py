"""What may be typed in about tags and the lists they stand in."""

from typing import Annotated

from pydantic import Field, field_validator

from plein.content.titles import MAX_TAG, clean_tag, clean_title
from plein.web.forms import Form, problem
from plein.web.i18n import _

#: Tags in one list; more is another list.
MAX_WORDS = 500


def lines(text: str) -> list[str]:
    """A word for each line of *text*, or between commas."""
    return [word for line in text.splitlines() for word in line.split(",") if word.strip()]


class TagForm(Form):
    """A tag: its name, what it is for, and what else people call it."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_TAG)]
    description: Annotated[str, Field(max_length=500)] = ""
    vocabulary: Annotated[int, Field(ge=0, le=2**62)] = 0
    synonyms: Annotated[str, Field(max_length=2_000)] = ""

    @field_validator("name")
    @classmethod
    def a_word(cls, value: str) -> str:
        if "," in value or not clean_tag(value):
            raise problem(_("Use a word, a number or an emoji, and no comma."))
        return clean_tag(value)

    @field_validator("description")
    @classmethod
    def one_line(cls, value: str) -> str:
        return clean_title(value)


class ListForm(Form):
    """A list of tags."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    description: Annotated[str, Field(max_length=500)] = ""
    controlled: bool = False
    required: bool = False
    types: list[str] = []
    spaces: Annotated[str, Field(max_length=2_000)] = ""
    words: Annotated[str, Field(max_length=MAX_WORDS * (MAX_TAG + 2))] = ""

    @field_validator("words")
    @classmethod
    def each_a_word(cls, value: str) -> str:
        words = lines(value)
        if len(words) > MAX_WORDS:
            raise problem(_("A list holds at most ${count} tags.", mapping={"count": MAX_WORDS}))
        wrong = next((word for word in words if len(word.strip()) > MAX_TAG or not clean_tag(word)), None)
        if wrong is not None:
            raise problem(_("“${tag}” cannot be a tag. Use a word, a number or an emoji.", mapping={"tag": wrong[:20]}))
        return value


class MergeForm(Form):
    """The tag that another one becomes."""

    into: Annotated[str, Field(min_length=1, max_length=MAX_TAG)]
