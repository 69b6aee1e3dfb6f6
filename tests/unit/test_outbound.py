"""The guarded way out: what it refuses to ask, and how long it waits. Everything answers on this machine."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plein.web.outbound import Outbound, Refused, Unreachable, is_public


class Listener:
    """A server that answers each request with the next of *answers*; ``None`` keeps silent."""

    def __init__(self, answers: list[bytes | None]) -> None:
        self.answers, self.asked = answers, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.held: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        for answer in self.answers:
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            self.held.append(connection)
            self.asked.append(connection.recv(4096).decode())
            if answer is not None:
                connection.sendall(answer)
                connection.close()

    def close(self) -> None:
        self.socket.close()
        for one in self.held:
            one.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    made: list[Listener] = []

    def start(*answers: bytes | None) -> Listener:
        made.append(Listener(list(answers)))
        return made[-1]

    yield start
    for one in made:
        one.close()


def answer(status: str, **headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "Content-Length: 0",
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


def way_out(listener: Listener, **values: Any) -> Outbound:
    """As the real one, but every name is the listener, which may be reached."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", listener.port))]
    given = {"resolve": lambda *_a, **_k: found, "may_reach": lambda _address: True, "timeout": 0.4}
    return Outbound("Plein test", ports={"http": listener.port}, **(given | values))


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.1.2.3",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
        ),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
        *(
            "2002:7f00:1::",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "198.18.0.1",
            "192.0.2.1",
            "ff02::1",
            "nonsense",
        ),
    ],
)
def test_an_address_that_is_not_of_the_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2a00:1450:400e:80f::200e", "::ffff:93.184.216.34"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "127.1"]
)
def test_this_machine_is_not_asked_however_it_is_written(host: str) -> None:
    with pytest.raises(Refused):
        Outbound("Plein test").status(f"http://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "http:///", "http://[", "//example.org"),
        *("http://user:secret@example.org/", "http://example.org:22/", "https://example.org:80/", "http://x:99999/"),
        f"http://example.org/{'x' * 2_000}",
    ],
)
def test_other_schemes_ports_and_names_in_addresses_are_refused_unasked(url: str) -> None:
    def resolve(*_given: Any, **_more: Any) -> Any:
        raise AssertionError("asked for a name")

    with pytest.raises(Refused):
        Outbound("Plein test", resolve=resolve).status(url)


def test_a_name_with_one_address_inside_is_refused() -> None:
    found = [(2, 1, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.5")]
    with pytest.raises(Refused):
        Outbound("Plein test", resolve=lambda *_a, **_k: found).status("http://example.org/")


def test_a_name_that_changes_is_connected_to_where_it_was_judged(listen: Callable[..., Listener]) -> None:
    listener = listen(answer("200 OK"))
    judged: list[str] = []
    asked = way_out(listener, may_reach=lambda address: judged.append(address) is None)
    assert asked.status("http://rebinding.example/a b?q=é") == 200
    # Resolved once, judged once, and the name itself is never given to the connection.
    assert judged == ["127.0.0.1"]
    head = listener.asked[0].split("\r\n")
    assert head[0] == "HEAD /a%20b?q=%C3%A9 HTTP/1.1" and "Host: rebinding.example" in head
    assert "User-Agent: Plein test" in head and not any(line.startswith("Cookie") for line in head)


def test_a_redirect_to_inside_is_refused(listen: Callable[..., Listener]) -> None:
    listener = listen(answer("302 Found", Location="http://inside.example/"), answer("200 OK"))
    places = {"outside.example": "127.0.0.1", "inside.example": "10.0.0.1"}
    asked = way_out(
        listener,
        resolve=lambda host, port, **_more: [(2, 1, 6, "", (places[host], port))],
        may_reach=lambda address: address == "127.0.0.1",
    )
    with pytest.raises(Refused):
        asked.status("http://outside.example/")
    assert len(listener.asked) == 1


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://user@inside.example/", "http://inside.example:22/"])
def test_a_redirect_is_judged_as_an_address_of_its_own(listen: Callable[..., Listener], location: str) -> None:
    with pytest.raises(Refused):
        way_out(listen(answer("301 Moved", Location=location))).status("http://example.org/")


def test_redirects_that_go_round_end(listen: Callable[..., Listener]) -> None:
    with pytest.raises(Unreachable, match="redirects"):
        way_out(listen(*[answer("302 Found", Location="/again")] * 9)).status("http://example.org/")


def test_a_server_that_does_not_know_head_is_asked_again(listen: Callable[..., Listener]) -> None:
    listener = listen(answer("405 No"), answer("200 OK"))
    assert way_out(listener).status("http://example.org/") == 200
    assert [one.split()[0] for one in listener.asked] == ["HEAD", "GET"]


def test_a_silent_server_is_not_waited_for(listen: Callable[..., Listener]) -> None:
    with pytest.raises(Unreachable, match="timeout"):
        way_out(listen(None)).status("http://example.org/")


def test_nonsense_for_an_answer_is_no_answer(listen: Callable[..., Listener]) -> None:
    with pytest.raises(Unreachable, match="connection"):
        way_out(listen(b"SSH-2.0-hello\r\n")).status("http://example.org/")


def test_a_host_that_is_not_there_has_no_address() -> None:
    def resolve(*_given: Any, **_more: Any) -> Any:
        raise socket.gaierror

    with pytest.raises(Unreachable, match="no-address"):
        Outbound("Plein test", resolve=resolve).status("http://example.org/")
