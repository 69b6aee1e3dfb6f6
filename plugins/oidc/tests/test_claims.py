"""From claims to an identity: what is taken over, what is not, and what is too much."""

from typing import Any

import pytest
from plein_oidc.claims import identity
from plein_oidc.settings import SETTINGS as DECLARED
from plein_oidc.settings import Provider, build_providers

BASE = {"sub": "1", "preferred_username": "anna", "name": "Anna"}


def provider(**values: Any) -> Provider:
    settings: dict[str, Any] = {one.name: one.default for one in DECLARED if not one.each}
    settings |= {one.of("work").name: one.default for one in DECLARED if one.each}
    settings |= {"oidc.providers": ("work",), "oidc.work.issuer": "https://id.example.nl", "oidc.work.client_id": "p"}
    settings |= {"oidc.work.client_secret": "s"} | {f"oidc.work.{name}": value for name, value in values.items()}
    return build_providers(settings)["work"]


def of(claims: dict[str, Any], more: dict[str, Any] | None = None, **settings: Any) -> Any:
    return identity(provider(**settings), {**BASE, **claims}, more or {}, confirmed=False)


def test_an_address_counts_where_the_provider_has_checked_it():
    assert of({"email": "a@b.nl", "email_verified": True}).email_verified
    assert not of({"email": "a@b.nl"}).email_verified
    assert not of({"email": "a@b.nl", "email_verified": "true"}).email_verified
    assert of({"email": "a@b.nl"}, trust_email=True).email_verified
    assert not of({"email": "a@b.nl", "email_verified": False}, trust_email=True).email_verified


def test_groups_may_stand_inside_another_claim():
    claims = {"realm_access": {"roles": ["b", " a ", "b", 5, "", "x" * 300]}}
    assert of(claims, groups_claim="realm_access.roles").groups == ("b", "a")


@pytest.mark.parametrize("value", [None, 5, {"a": 1}, [{"a": 1}]])
def test_groups_that_are_none_are_nobodys(value: Any):
    assert of({"groups": value}, groups_claim="groups").groups == ()


def test_without_the_setting_groups_are_left_alone():
    assert of({"groups": ["a"]}).groups == ()


def test_fields_are_filled_from_their_claims():
    claims = {"dept": "Burgerzaken", "phone": ["0900"], "room": 12, "long": "x" * 9000}
    fields = of(claims, fields=("department=dept", "phone=phone", "location=room", "about=long")).fields
    assert fields == {"department": "Burgerzaken", "phone": "0900", "location": "", "about": "x" * 500}


def test_a_claim_with_dots_in_its_name_goes_first():
    claims = {"https://example.nl/dept": "A", "a.b": "B", "a": {"b": "C"}}
    assert of(claims, fields=("one=https://example.nl/dept", "two=a.b")).fields == {"one": "A", "two": "B"}


def test_a_second_factor_is_believed_from_what_is_signed_only():
    assert not of({}, {"acr": "loa3"}, strong_acr=("loa3",)).strong
    assert of({"acr": "loa3"}, strong_acr=("loa3",)).strong


def test_what_is_signed_goes_before_userinfo():
    assert of({}, {"preferred_username": "admin", "locale": "nl"}).login == "anna"
