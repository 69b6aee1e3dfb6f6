"""Real servers for files: one that speaks S3 (moto), and ClamAV with a database of one signature."""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

#: What every virus scanner knows as a harmless test; put together here, so that this file is not one.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
BUCKET = "plein"


def free_port() -> int:
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended by itself"
        with contextlib.suppress(OSError), contextlib.closing(socket.create_connection(("127.0.0.1", port), 1)):
            return
        time.sleep(0.05)
    raise AssertionError("the server does not listen")


@contextlib.contextmanager
def _running(command: list[str], port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            _wait(port, process)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[dict[str, str]]:
    """An S3 server with an empty bucket; gives the settings that lead to it."""
    port = free_port()
    program = "from moto.server import main; main()"
    command = [sys.executable, "-W", "ignore", "-c", program, "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, port, folder / "s3.log"):
        import urllib.request

        made = urllib.request.Request(f"http://127.0.0.1:{port}/{BUCKET}", method="PUT")
        made.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request")
        with urllib.request.urlopen(made):
            pass
        yield {
            "plein.files_store": f"s3://{BUCKET}/files",
            "plein.s3_endpoint": f"http://127.0.0.1:{port}",
            "plein.s3_region": "us-east-1",
            "plein.s3_key": "key",
            "plein.s3_secret": "secret",
        }


@contextlib.contextmanager
def clam_server(folder: Path) -> Iterator[str]:
    """ClamAV on a port of this machine, that knows the test virus alone; gives its address."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    assert program, "install clamav-daemon"
    database, port = folder / "database", free_port()
    database.mkdir()
    (database / "test.ndb").write_text(f"Eicar-Test:0:*:{EICAR[:50].hex()}\n")
    (folder / "clamd.conf").write_text(
        f"DatabaseDirectory {database}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\n"
        f"TemporaryDirectory {folder}\nMaxThreads 2\nStreamMaxLength 5M\nLogFile {folder / 'clamd.own.log'}\n"
    )
    with _running([program, "-c", str(folder / "clamd.conf")], port, folder / "clamd.log"):
        yield f"127.0.0.1:{port}"
