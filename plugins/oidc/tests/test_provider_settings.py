"""What cannot be right in the settings is told at the start, in a sentence, and in the README."""

from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from plein_oidc.settings import SETTINGS, build_providers, key_algorithm

from plein.api import SettingsError
from plein.testing import settings_of

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
RSA, EC = RSAKey.generate_key(2048), ECKey.generate_key("P-256")


def providers(**values: str) -> Any:
    base = {"issuer": "https://id.example.nl", "client_id": "plein", "client_secret": "s"}
    lines = {f"oidc.work.{name}": value for name, value in {**base, **values}.items() if value}
    return build_providers(settings_of(SETTINGS, {"oidc.providers": "work", **lines}))


def sentence(**values: str) -> str:
    with pytest.raises(SettingsError) as caught:
        providers(**values)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"issuer": ""}, "oidc.work.issuer is not set"),
        ({"issuer": "http://id.example.nl"}, "must be an https:// address"),
        ({"issuer": "https://u:p@id.example.nl"}, "must be an https:// address"),
        ({"issuer": "https://id.example.nl/?a"}, "must be an https:// address"),
        ({"client_id": ""}, "oidc.work.client_id is not set"),
        ({"client_secret": ""}, "oidc.work.client_secret is not set; give it, or a private_key instead"),
        ({"client_auth": "private_key_jwt"}, "oidc.work.private_key is not set"),
        ({"private_key": RSA.as_pem(private=True).decode()}, "are both set"),
        ({"private_key": "nonsense", "client_secret": ""}, "must be a private RSA or EC key"),
        ({"private_key": RSA.as_pem(private=False).decode(), "client_secret": ""}, "must be a private RSA or EC key"),
        ({"algorithms": "none"}, "must hold signatures out of"),
        ({"algorithms": "HS256"}, "must hold signatures out of"),
        ({"scopes": "profile"}, "must hold the word openid"),
        ({"fields": "department"}, "must hold pairs such as department=dept"),
        ({"kind": "robot"}, "must be person or guest"),
    ],
)
def test_settings_that_cannot_be_are_refused(values: dict[str, str], told: str):
    assert told in sentence(**values)


def test_a_provider_on_this_machine_needs_no_certificate():
    assert providers(issuer="http://127.0.0.1:8080/realms/a")["work"].hosts == {"127.0.0.1"}


def test_two_words_for_one_provider_are_refused():
    lines = {"issuer": "https://id.example.nl", "client_id": "plein", "client_secret": "s"}
    values = {f"oidc.{word}.{name}": value for word in ("a", "b") for name, value in lines.items()}
    with pytest.raises(SettingsError, match="those of another provider"):
        build_providers(settings_of(SETTINGS, {"oidc.providers": "a b", **values}))


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "PS256"), (EC, "ES256")])
def test_a_key_signs_and_has_a_name(key: Any, algorithm: str):
    made = providers(private_key=key.as_pem(private=True).decode(), client_secret="")["work"]
    assert (made.client_auth, key_algorithm(made.key)) == ("private_key_jwt", algorithm)
    assert made.key.kid == key.thumbprint()


def test_a_shared_secret_is_no_private_key():
    pem = OctKey.generate_key(256).as_dict()["k"]
    assert "must be a private" in sentence(private_key=str(pem), client_secret="")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_stands_in_the_readme(setting: Any):
    assert f"| `{setting.name}` |" in README
    assert setting.help.split("`")[0][:40] in README
