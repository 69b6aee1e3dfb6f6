"""The way out to providers: to allowed hosts only, in time, and to whom the certificate is given."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from plein_oidc.errors import SignInFailed
from plein_oidc.wire import Wire

HOSTS = frozenset({"127.0.0.1"})
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"ok": true}'


@contextmanager
def listening(context: ssl.SSLContext | None = None, *, chunk: int = 0, pause: float = 0) -> Iterator[int]:
    """A server that answers one request; a *chunk* at a time, with pauses in between."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                plain, _address = server.accept()
                with plain, context.wrap_socket(plain, server_side=True) if context else plain as connection:
                    connection.recv(4096)
                    head, body = ANSWER[:-12], ANSWER[-12:]
                    connection.sendall(head)
                    for start in range(0, len(body), chunk or len(body)):
                        connection.sendall(body[start : start + (chunk or len(body))])
                        time.sleep(pause)
            except OSError:
                # The client went away: that is what some of these tests are about.
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def reason(url: str, *, timeout: int = 5, hosts: frozenset[str] = HOSTS) -> str:
    with pytest.raises(SignInFailed) as caught:
        Wire(timeout=timeout).get(url, hosts)
    return caught.value.reason


@pytest.fixture
def issue(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], ssl.SSLContext]:
    """``issue("host")``: what a server shows who has a certificate for it, of an authority that the system trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    def shown(host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(context)
        return context

    return shown


def test_a_certificate_that_nobody_vouches_for_is_said(
    issue: Callable[[str], ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with listening(issue("127.0.0.1")) as port:
        assert reason(f"https://127.0.0.1:{port}/") == "certificate"


def test_a_certificate_for_another_name_is_said(issue: Callable[[str], ssl.SSLContext]) -> None:
    with listening(issue("other.example.nl")) as port:
        assert reason(f"https://127.0.0.1:{port}/") == "certificate"


def test_a_certificate_that_the_system_trusts_is_believed(issue: Callable[[str], ssl.SSLContext]) -> None:
    with listening(issue("127.0.0.1")) as port:
        assert Wire(timeout=5).get(f"https://127.0.0.1:{port}/", HOSTS).status == 200


def test_who_answers_a_byte_at_a_time_is_not_waited_for() -> None:
    begun = time.monotonic()
    with listening(chunk=1, pause=0.3) as port:
        assert reason(f"http://127.0.0.1:{port}/", timeout=1) == "down"
    assert time.monotonic() - begun < 6


def test_who_does_not_answer_at_all_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert reason(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=1) == "down"


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example.nl/",
        "http://id.example.nl/",
        "https://id.example.nl@127.0.0.1/",
        "ftp://127.0.0.1/",
        "https://id.example.nl\\@evil.example/",
        "https://id.example.nl:99999/",
        "//127.0.0.1/",
        "https://",
    ],
)
def test_other_hosts_and_addresses_that_can_be_read_in_two_ways_are_not_asked(url: str) -> None:
    assert reason(url, hosts=frozenset({"id.example.nl", "127.0.0.1"})) == "elsewhere"
