"""Second factors without a database: who must have one, sealing, and the shape of recovery codes."""

import pytest

from plein.people.second_factor.codes import in_groups, new_secret, picture
from plein.people.second_factor.duty import must_have
from plein.people.second_factor.recovery import SIGNS, _new_code
from plein.people.second_factor.sealing import Sealer


@pytest.mark.parametrize(
    ("rule", "is_admin", "roles", "needed"),
    [
        ("administrators", True, (), True),
        ("administrators", False, ("moderator",), True),
        ("administrators", False, (), False),
        ("everyone", False, (), True),
        ("optional", True, ("moderator",), False),
    ],
)
def test_who_must_have_one(rule: str, is_admin: bool, roles: tuple[str, ...], needed: bool) -> None:
    assert must_have(rule, is_admin=is_admin, roles=roles) is needed


def test_sealed_text_opens_for_the_same_purpose_and_person_only() -> None:
    sealer = Sealer("x" * 40, "totp")
    sealed = sealer.seal("secret", 7)
    assert "secret" not in sealed
    assert sealer.open(sealed, 7) == "secret"
    assert sealer.open(sealed, 8) is None
    assert sealer.open(sealed) != "secret"
    assert sealer.open(sealed[:30] + ("A" if sealed[30] != "A" else "B") + sealed[31:], 7) is None
    assert sealer.open("no such thing \ud800", 7) is None
    assert Sealer("x" * 40, "another").open(sealed, 7) is None
    assert Sealer("y" * 40, "totp").open(sealed, 7) is None


def test_sealed_text_grows_too_old() -> None:
    sealer = Sealer("x" * 40, "totp")
    assert sealer.open(sealer.seal("secret"), seconds=-1) is None


def test_recovery_codes_are_80_bits_that_people_can_read() -> None:
    code = _new_code()
    assert [len(part) for part in code.split("-")] == [4, 4, 4, 4]
    assert not set("01ilo") & set(SIGNS)
    assert len(SIGNS) ** 16 > 2**79


def test_key_is_shown_in_groups_and_as_a_picture_without_style() -> None:
    key = new_secret()
    assert in_groups(key).replace(" ", "") == key
    drawn = picture(key, "anna", "Plein: de stad")
    assert str(drawn).startswith("<svg") and "style" not in str(drawn)
