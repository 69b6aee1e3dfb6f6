"""What may be typed about people."""

from datetime import date
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from plein.people.services import LOGIN, fold_login
from plein.web.forms import Form, problem
from plein.web.i18n import _


class SignInForm(Form):
    login: str = Field("", max_length=200)
    password: str = Field("", max_length=4_000)
    next: str = Field("", max_length=4_000)


class _PersonForm(Form):
    name: str = Field(min_length=1, max_length=120)
    email: str = Field("", max_length=254)

    @field_validator("email")
    @classmethod
    def _looks_like_an_address(cls, value: str) -> str:
        before, at, after = value.partition("@")
        if value and not (before and at and "." in after and not any(sign.isspace() for sign in value)):
            raise problem(_("This is not an e-mail address."))
        return value


class AccountForm(_PersonForm):
    """An account as an administrator changes it."""

    kind: Literal["person", "guest"] = "person"
    #: the last day; a guest always has one, and a colleague who answers for them
    ends_on: date | None = None
    sponsor: str = Field("", max_length=200)
    is_admin: bool = False

    @field_validator("is_admin")
    @classmethod
    def _is_a_colleague(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("kind") == "guest":
            raise problem(_("A guest cannot be an administrator."))
        return value


class NewAccountForm(AccountForm):
    login: str = Field(min_length=1, max_length=64)

    @field_validator("login")
    @classmethod
    def _can_be_typed(cls, value: str) -> str:
        login = fold_login(value)
        if not LOGIN.fullmatch(login):
            raise problem(_("Use two or more letters a to z or digits; also a dot, _, @ and - in between."))
        return login


class PreferencesForm(Form):
    name: str = Field(min_length=1, max_length=120)
    locale: Literal["nl", "en", ""] = ""
    theme: Literal["auto", "light", "dark"] = "auto"
    keys: bool = False


class ReasonForm(Form):
    """Why an account stops working, in an administrator's words."""

    reason: str = Field("", max_length=500)


class ForgottenForm(Form):
    login: str = Field(min_length=1, max_length=254)


class NewPasswordForm(Form):
    model_config = {"str_strip_whitespace": False}

    new_password: str = Field(min_length=1, max_length=4_000)
    repeat_password: str = Field("", max_length=4_000)


class PasswordForm(Form):
    """``current`` is not asked of who has no password yet."""

    model_config = {"str_strip_whitespace": False}

    current_password: str = Field("", max_length=4_000)
    new_password: str = Field(min_length=1, max_length=4_000)
    repeat_password: str = Field("", max_length=4_000)
