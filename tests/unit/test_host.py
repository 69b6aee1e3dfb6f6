"""Addresses: whose word counts about where a request comes from, and what the same origin is."""

from types import SimpleNamespace

import pytest
from pyramid.exceptions import ConfigurationError
from pyramid.testing import DummyRequest

from plein.security.host import client_address, origin_of, parse_networks


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Plein.Example.NL", "https://plein.example.nl"),
        ("https://plein.example.nl:443/x?y", "https://plein.example.nl"),
        ("http://plein.example.nl:80/", "http://plein.example.nl"),
        ("http://127.0.0.1:6543", "http://127.0.0.1:6543"),
        ("http://[::1]:6543/", "http://[::1]:6543"),
        ("https://plein.example.nl./", "https://plein.example.nl"),
        ("null", None),
        ("", None),
        ("ftp://plein.example.nl", None),
        ("http://plein.example.nl:99999", None),
        ("http://[::1", None),
    ],
)
def test_origin_of_an_address(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin


def address(remote: str, forwarded: str | None, *trusted: str) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = DummyRequest(headers=headers, environ={"REMOTE_ADDR": remote})
    request.registry = {"plein.trusted_networks": parse_networks(trusted)}
    return client_address(request)


def test_header_from_a_stranger_is_ignored() -> None:
    assert address("203.0.113.9", "198.51.100.1") == "203.0.113.9"
    assert address("203.0.113.9", "198.51.100.1", "10.0.0.0/8") == "203.0.113.9"


def test_header_from_a_trusted_proxy_counts() -> None:
    assert address("10.0.0.1", "198.51.100.1", "10.0.0.0/8") == "198.51.100.1"
    assert address("10.0.0.1", None, "10.0.0.1") == "10.0.0.1"


def test_what_the_client_wrote_in_front_is_ignored() -> None:
    assert address("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2", "10.0.0.0/8") == "198.51.100.1"


def test_nonsense_in_the_header_stops_the_reading() -> None:
    assert address("10.0.0.1", "1.2.3.4, <script>", "10.0.0.0/8") == "10.0.0.1"
    assert address("10.0.0.1", "", "10.0.0.0/8") == "10.0.0.1"


def test_wrong_proxy_address_is_named_at_start() -> None:
    with pytest.raises(ConfigurationError, match="proxy.example"):
        parse_networks(["10.0.0.1", "proxy.example"])


def test_socket_file_has_no_address() -> None:
    assert client_address(SimpleNamespace(registry={"plein.trusted_networks": ()}, environ={}, headers={})) == ""
