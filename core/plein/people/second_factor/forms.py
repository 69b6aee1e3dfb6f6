"""What may be typed about second factors."""

from pydantic import Field

from plein.web.forms import Form


class AppForm(Form):
    code: str = Field(min_length=1, max_length=100)


class PasskeyForm(Form):
    """``credential`` and ``handle`` are the browser's words; ``PasskeyService`` checks them."""

    name: str = Field(min_length=1, max_length=60)
    credential: str = Field("", max_length=20_000)
    handle: str = Field("", max_length=100)


class KeepForm(Form):
    batch: str = Field(min_length=1, max_length=100)
