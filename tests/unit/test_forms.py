"""Forms: one translated sentence per field, nothing undeclared gets in, nothing secret comes back."""

from typing import Literal

import pytest
from pydantic import Field, field_validator
from translationstring import TranslationString
from webob.multidict import MultiDict

from plein.web.forms import Form, parse, problem, typed
from plein.web.i18n import _


class TripForm(Form):
    title: str = Field(min_length=1, max_length=20)
    days: int = Field(3, ge=1, le=30)
    kind: Literal["work", "rest"] = "work"
    tags: list[str] = []
    loud: bool = False
    note: str = Field("", max_length=5_000)

    @field_validator("note")
    @classmethod
    def _polite(cls, value: str) -> str:
        if "boo" in value:
            raise problem(_("Be kind."))
        return value


def errors_of(*pairs: tuple[str, str]) -> dict[str, TranslationString]:
    return parse(TripForm, MultiDict(pairs))[1]


def test_good_form_becomes_the_model() -> None:
    form, errors = parse(
        TripForm, MultiDict([("title", "  Wadden "), ("days", ""), ("tags", "a"), ("tags", "b"), ("note", "x\r\ny")])
    )
    assert not errors and form is not None
    assert (form.title, form.days, form.tags, form.note, form.loud) == ("Wadden", 3, ["a", "b"], "x\ny", False)


@pytest.mark.parametrize(
    ("pairs", "field", "words"),
    [
        ([], "title", "Fill this in."),
        ([("title", " ")], "title", "Fill this in."),
        ([("title", "x" * 21)], "title", "at most ${count}"),
        ([("title", "x"), ("days", "many")], "days", "whole number"),
        ([("title", "x"), ("days", "31")], "days", "at most ${limit}"),
        ([("title", "x"), ("kind", "fun")], "kind", "one of the options"),
        ([("title", "x"), ("note", "boo")], "note", "Be kind."),
        ([("title", "x\0")], "title", "cannot be stored"),
    ],
)
def test_mistake_gives_a_sentence_at_its_field(pairs: list[tuple[str, str]], field: str, words: str) -> None:
    errors = errors_of(*pairs)
    assert list(errors) == [field]
    assert words in errors[field]
    assert isinstance(errors[field], TranslationString) and errors[field].domain == "plein"


def test_numbers_of_a_limit_are_in_the_sentence() -> None:
    assert errors_of(("title", "x" * 21))["title"].interpolate() == "This is too long: at most 20 characters."


def test_undeclared_fields_reach_nothing() -> None:
    form, _errors = parse(TripForm, MultiDict([("title", "x"), ("is_admin", "1"), ("id", "7")]))
    assert form is not None
    assert set(form.model_dump()) == {"title", "days", "kind", "tags", "loud", "note"}


def test_what_was_typed_comes_back_without_passwords_and_files() -> None:
    data = MultiDict([("title", "x"), ("tags", "a"), ("tags", "b"), ("new_password", "s"), ("csrf_token", "t")])
    data.add("file", object())
    assert typed(data) == {"title": "x", "tags": ["a", "b"]}
