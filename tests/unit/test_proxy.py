"""What a proxy says about who somebody is: the login in it, and who is believed."""

from types import SimpleNamespace

import pytest

from plein.people.proxy import without_realm
from plein.plugins import build_plugins
from plein.settings import SettingsError, load_settings

REALMS = ("EXAMPLE.NL", "EXAMPLE")


@pytest.mark.parametrize(
    ("said", "login"),
    [
        ("anna@EXAMPLE.NL", "anna"),
        ("Anna@example.nl", "anna"),
        ("EXAMPLE\\anna", "anna"),
        ("anna", "anna"),
        # another realm may have an anna too
        ("anna@OTHER.NL", None),
        ("OTHER\\anna", None),
        ("anna@OTHER.NL@EXAMPLE.NL", None),
        ("EXAMPLE\\anna@EXAMPLE.NL", None),
        ("EXAMPLE\\OTHER\\anna", None),
        ("@EXAMPLE.NL", None),
        ("EXAMPLE\\", None),
        # a header that came twice
        ("anna, admin", None),
        ("anna,admin", None),
        ("anna admin", None),
        ("anna\tadmin", None),
        ("anna\x00", None),
        ("", None),
        ("a" * 256, None),
    ],
)
def test_realm_is_left_off_and_another_one_is_nobody(said: str, login: str | None) -> None:
    assert without_realm(said, REALMS) == login


@pytest.mark.parametrize(("said", "login"), [("anna@EXAMPLE.NL", "anna@example.nl"), ("anna", "anna"), ("X\\a", None)])
def test_realm_stays_in_the_login_where_none_is_named(said: str, login: str | None) -> None:
    assert without_realm(said, ()) == login


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("plein.remote_user_header", "Remote_User", "letters and hyphens only"),
        ("plein.remote_user_header", "Cookie", "must be a header of its own"),
        ("plein.remote_user_header", "X-Forwarded-For", "must be another header"),
        ("plein.remote_user_proxies", "proxy.example.nl", "must hold addresses"),
    ],
)
def test_setting_that_cannot_be_meant_is_a_sentence(name: str, value: str, sentence: str) -> None:
    values = {"plein.secret": "only for tests, and long enough to be one", name: value}
    with pytest.raises(SettingsError, match=sentence):
        load_settings(values, {}, build_plugins({}, environ={}, candidates=[]).settings)


def test_header_without_a_proxy_stops_the_start() -> None:
    from plein.people.proxy import includeme

    settings = {"plein.remote_user_header": "X-Remote-User", "plein.remote_user_proxies": ()}
    with pytest.raises(SettingsError, match="then anybody could say that they are anybody"):
        includeme(SimpleNamespace(registry={"plein.settings": settings}))
