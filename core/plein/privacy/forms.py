"""What may be typed in about the data of people."""

from typing import Literal

from pydantic import Field

from plein.web.forms import Form


class AskForm(Form):
    """What somebody asks about their own data."""

    kind: Literal["rectify", "restrict", "erase", "object", "other"]
    text: str = Field(min_length=1)


class AnswerForm(Form):
    """The answer to it."""

    answer: str = Field(min_length=1)


class ReasonForm(Form):
    """Why an account is frozen."""

    reason: str = Field(min_length=1, max_length=500)


class EraseForm(ReasonForm):
    """Why a person is erased; the login typed over, because there is no way back."""

    login: str
