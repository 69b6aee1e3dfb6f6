"""Addresses from titles: plain, bounded, the same for a link and its page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plein.web.slugs import MAX_LENGTH, slugify


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Over ons", "over-ons"),
        ("  Eén  ZIN, met:  leestekens!  ", "een-zin-met-leestekens"),
        ("Straße, Ærø, Øre, œuvre, Łódź, Þór", "strasse-aero-ore-oeuvre-lodz-thor"),
        ("Foto's van 't feest", "fotos-van-t-feest"),
        ("ĳs en ﬁets", "ijs-en-fiets"),
        ("AVG artikel 12–22", "avg-artikel-12-22"),
        ("a_b/c.d", "a-b-c-d"),
        ("Привет 2024", "2024"),
    ],
)
def test_title_becomes_plain_words_joined_by_hyphens(title: str, slug: str) -> None:
    assert slugify(title) == slug


@pytest.mark.parametrize("title", ["", " ", "-", "---", "привет", "日本語", "!?", "\ud800", "🎉"])
def test_title_without_latin_letters_gets_a_name_of_its_own(title: str) -> None:
    assert re.fullmatch(r"item-[0-9a-f]{8}", slugify(title))


def test_different_titles_without_latin_letters_get_different_names() -> None:
    assert slugify("привет") != slugify("пока")


def test_composed_and_decomposed_accents_give_the_same_address() -> None:
    assert slugify("e\u0301e\u0301n") == slugify("één")
    assert slugify("е\u0306") == slugify("ӗ")


def test_long_title_is_cut_at_a_word() -> None:
    assert slugify("woord " * 30) == "-".join(["woord"] * 13)
    assert slugify("x" * 79 + " yz") == "x" * 79
    assert slugify("x" * 80 + " yz") == "x" * 80


def test_one_long_word_is_cut_at_the_limit() -> None:
    assert slugify("x" * 200) == "x" * MAX_LENGTH


@given(st.text())
def test_address_is_always_valid_and_stable(title: str) -> None:
    slug = slugify(title)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= MAX_LENGTH
    assert slugify(slug) == slug
