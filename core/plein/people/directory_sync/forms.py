"""What may be typed to bring in people and groups."""

from typing import Literal

from pydantic import Field

from plein.web.forms import Form


class UploadForm(Form):
    kind: Literal["people", "groups"] = "people"


class AllowForm(Form):
    """``allowed``: how many accounts may be closed over the limit; empty for none."""

    allowed: int | None = Field(None, ge=1, le=1_000_000)
