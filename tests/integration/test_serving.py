"""The web server as a real process: what it accepts, how it stops, and what it survives."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("served.py")


class Served:
    """A running server: its process, its port, and ways to talk to it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port = 0

    def wait_until_ready(self) -> None:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line.startswith("serves "), f"the server did not start: {line!r}"
        if "http" in line:
            self.port = int(line.rpartition(":")[2])

    def get(self, path: str = "/", headers: dict[str, str] | None = None) -> dict:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Connection": "close"} | (headers or {}))
            answer = connection.getresponse()
            assert answer.status == 200
            return json.loads(answer.read())
        finally:
            connection.close()

    def in_flight(self, path: str) -> tuple[threading.Thread, list[dict]]:
        """Ask *path* in the background. Returns the thread and the list its answer will be in."""
        answers: list[dict] = []
        thread = threading.Thread(target=lambda: answers.append(self.get(path)))
        thread.start()
        time.sleep(0.3)
        return thread, answers

    def refuses(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
        except ConnectionRefusedError:
            return True
        return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)


@contextmanager
def server(workers: int = 2, port: int = 0, **options: object) -> Iterator[Served]:
    """A server on a free port. Keywords beside limits: ``process``, arguments for Popen."""
    process_options = dict(options.pop("process", {}))  # type: ignore[call-overload]
    program = process_options.pop("program", [sys.executable, str(PROGRAM)])
    process = subprocess.Popen(
        [*program, str(port), str(workers), json.dumps(options)], stdout=subprocess.PIPE, text=True, **process_options
    )
    try:
        served = Served(process)
        served.wait_until_ready()
        yield served
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        assert process.stdout
        process.stdout.close()


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    # A dead process that nobody waited for is a zombie.
    return state == "Z"


def test_both_workers_serve_and_the_parent_does_not() -> None:
    with server(workers=2) as served:
        answers = [served.get("/?sleep=0.05") for _ in range(4)]
        threads = [served.in_flight("/?sleep=0.5") for _ in range(4)]
        for thread, found in threads:
            thread.join()
            answers += found
    assert len({answer["worker"] for answer in answers}) == 2
    assert {answer["parent"] for answer in answers} == {served.process.pid}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_flight_is_finished_while_new_connections_are_refused(number: signal.Signals) -> None:
    with server(workers=2) as served:
        thread, answers = served.in_flight("/?sleep=2")
        served.process.send_signal(number)
        assert eventually(served.refuses, seconds=1.5), "new connections are still taken"
        assert not answers, "the request was over before the server was told to stop"
        thread.join()
        assert served.process.wait(timeout=5) == 0
    assert len(answers) == 1


def test_an_idle_kept_alive_connection_does_not_hold_up_the_stop() -> None:
    with server() as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.request("GET", "/")
        connection.getresponse().read()
        began = time.monotonic()
        assert served.stop() == 0
        assert time.monotonic() - began < 3
        connection.close()


def test_a_busy_kept_alive_connection_is_told_to_close() -> None:
    with server(workers=1) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.request("GET", "/")
        connection.getresponse().read()
        thread, _ = served.in_flight("/?sleep=1.2")
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        assert answer.getheader("Connection") == "close"
        thread.join()
        connection.close()


def test_the_stop_does_not_wait_longer_than_its_grace() -> None:
    with server(workers=1, grace_seconds=1) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.request("GET", "/?sleep=30")
        time.sleep(0.3)
        began = time.monotonic()
        served.stop()
        assert time.monotonic() - began < 6
        connection.close()


def test_a_killed_worker_is_replaced() -> None:
    with server(workers=1) as served:
        first = served.get()["worker"]
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: is_gone(first))
        # The socket stayed open: this connection waits for the next worker instead of being refused.
        assert served.get()["worker"] != first
        assert served.process.poll() is None


def test_workers_leave_when_the_parent_is_killed_and_free_the_port() -> None:
    with server(workers=2) as served:
        workers = {served.get("/?sleep=0.05")["worker"] for _ in range(10)}
        served.process.kill()
        served.process.wait()
        assert eventually(served.refuses, seconds=3), "the port is still taken"
        assert all(eventually(lambda pid=pid: is_gone(pid)) for pid in workers)


def test_a_port_in_use_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = subprocess.run(
            [sys.executable, str(PROGRAM), str(port), "1", "{}"], capture_output=True, text=True, check=False
        )
    assert result.returncode == 1
    assert result.stderr.strip() == (
        f"Port {port} on 127.0.0.1 is in use by another program; stop that one, or choose another with --port."
    )


def test_a_socket_from_systemd_is_used_and_outlives_the_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        # What systemd does: the socket at descriptor 3, and variables that name this very process.
        program = [
            sys.executable,
            "-c",
            "import os, sys; os.dup2(int(sys.argv[1]), 3, inheritable=True); "
            "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); "
            "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])",
            str(listening.fileno()),
            str(PROGRAM),
        ]
        with server(workers=1, process={"program": program, "pass_fds": [listening.fileno()]}) as served:
            assert served.port == port
            assert served.get()["body"] == 0
            served.stop()
            assert not served.refuses(), "the socket is systemd's to close"


def test_variables_meant_for_another_process_are_not_believed() -> None:
    environment = os.environ | {"LISTEN_FDS": "1", "LISTEN_PID": "1"}
    with server(workers=1, process={"env": environment}) as served:
        assert served.get()["worker"]


def test_readiness_is_reported_to_the_service_manager(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        environment = os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with server(workers=2, process={"env": environment}) as served:
            assert manager.recv(1024).startswith(b"READY=1\n")
            served.stop()
            assert manager.recv(1024) == b"STOPPING=1"


def test_a_reload_brings_new_workers_without_refusing_anybody(tmp_path: Path) -> None:
    generation = tmp_path / "generation"
    generation.write_text("one", encoding="utf-8")
    environment = os.environ | {"SERVED_GENERATION_FILE": str(generation)}
    with server(workers=2, process={"env": environment}) as served:
        assert served.get()["generation"] == "one"
        generation.write_text("two", encoding="utf-8")
        served.process.send_signal(signal.SIGHUP)
        seen = []

        def new_generation_serves() -> bool:
            seen.append(served.get()["generation"])
            return seen[-5:] == ["two"] * 5

        assert eventually(new_generation_serves, seconds=20), seen
        served.wait_until_ready()
        assert served.stop() == 0


def test_a_reload_that_cannot_start_leaves_the_old_workers_serving(tmp_path: Path) -> None:
    generation = tmp_path / "generation"
    generation.write_text("one", encoding="utf-8")
    environment = os.environ | {"SERVED_GENERATION_FILE": str(generation)}
    log = tmp_path / "log"
    with log.open("w") as errors, server(workers=1, process={"env": environment, "stderr": errors}) as served:
        before = served.get()
        generation.write_text("broken", encoding="utf-8")
        served.process.send_signal(signal.SIGHUP)
        assert eventually(lambda: "serving.reload_refused" in log.read_text(encoding="utf-8"))
        assert served.get() == before


def test_a_hundred_silent_connections_stall_nobody() -> None:
    with server(workers=1) as served:
        silent = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(150)]
        for half_open in silent[:75]:
            half_open.sendall(b"POST / HTTP/1.1\r\nHost: example.nl\r\nContent-Length: 10\r\n\r\nhalf")
        began = time.monotonic()
        assert served.get()["body"] == 0
        assert time.monotonic() - began < 2
        for half_open in silent:
            half_open.close()


def test_a_silent_connection_is_closed_after_its_time() -> None:
    with server(workers=1, idle_seconds=1) as served, socket.create_connection(("127.0.0.1", served.port)) as silent:
        silent.settimeout(15)
        assert silent.recv(1) == b""


@pytest.mark.parametrize(("megabytes", "status"), [(1, 200), (1.1, 413)])
def test_a_body_over_the_limit_is_refused(megabytes: float, status: int) -> None:
    with server(workers=1, max_body_mb=1) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.putrequest("POST", "/")
        size = int(megabytes * 1024 * 1024)
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        if status == 200:
            connection.send(b"x" * size)
        assert connection.getresponse().status == status
        connection.close()


@pytest.mark.parametrize(("path", "status"), [("/", 413), ("/files/x", 200)])
@pytest.mark.parametrize("is_told", [True, False], ids=["announced", "in pieces"])
def test_a_large_body_is_for_addresses_that_take_files(path: str, status: int, is_told: bool) -> None:
    with server(workers=1, max_body_mb=1, max_upload_mb=2) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.putrequest("POST", path)
        connection.putheader(*("Content-Length", str(3 << 19)) if is_told else ("Transfer-Encoding", "chunked"))
        connection.endheaders()
        if status == 200 or not is_told:
            # No more than is read before it is refused: what is not read any more would break the connection.
            for piece in (1 << 19, 1 << 19, 1 << 19 if is_told else 16):
                data = b"x" * piece
                connection.send(data if is_told else b"%x\r\n%b\r\n" % (piece, data))
        if status == 200 and not is_told:
            connection.send(b"0\r\n\r\n")
        assert connection.getresponse().status == status
        connection.close()


def test_a_client_that_asks_first_is_refused_before_it_sends_too_much() -> None:
    with server(workers=1, max_body_mb=1) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
        connection.request("POST", "/", headers={"Expect": "100-continue", "Content-Length": "1100000"})
        assert connection.getresponse().status == 413
        connection.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [({f"X-Field-{n}": "1" for n in range(150)}, 400), ({"X-Long": "a" * 40_000}, 431), ({"X-Field": "1"}, 200)],
)
def test_headers_without_end_are_refused(headers: dict[str, str], status: int) -> None:
    with server(workers=1) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.request("GET", "/", headers=headers)
        answer = connection.getresponse()
        assert answer.status == status
        assert answer.getheader("Server") is None
        connection.close()


FORWARDED = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "intranet.example.nl"}


def test_a_proxy_that_is_trusted_says_who_the_client_is() -> None:
    with server(workers=1, trusted_proxies=["10.0.0.1", "127.0.0.1"]) as served:
        answer = served.get(headers=FORWARDED)
    assert (answer["client"], answer["scheme"], answer["host"]) == ("192.0.2.7", "https", "intranet.example.nl")


def test_the_word_of_a_stranger_about_the_client_is_not_believed() -> None:
    with server(workers=1, trusted_proxies=["10.0.0.1"]) as served:
        answer = served.get(headers=FORWARDED)
    assert (answer["client"], answer["scheme"]) == ("127.0.0.1", "http")
    assert answer["host"] == f"127.0.0.1:{served.port}"
