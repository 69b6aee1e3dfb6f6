"""Searching files for viruses, by asking ClamAV over its socket (the command INSTREAM)."""

import re
import socket
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

import structlog

from plein.blobs.protocol import CHUNK

log = structlog.get_logger(__name__)

#: Seconds to wait for a connection, and for the verdict on a large file.
_CONNECT, _VERDICT = 3.0, 120.0
_FOUND = re.compile(r"^stream: (.+) FOUND$")


class ScannerAway(RuntimeError):
    """The scanner does not answer, or says that it cannot search this file."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """ClamAV at *address*: the path of a socket, or host:port. Empty: none.

    :param required: take nothing in that was not searched.
    """

    address: str
    required: bool = False

    def verdict(self, source: BinaryIO) -> tuple[str, str]:
        """Whether *source*, from its beginning, is ``clean``, ``infected``, ``waiting`` or ``off``, and what was found.

        :raises ScannerAway: where it must be searched and cannot be.
        """
        if not self.address:
            return "off", ""
        try:
            found = self.search(source)
        except ScannerAway as error:
            log.warning("scanner.away", error=str(error))
            if self.required:
                raise
            return "waiting", ""
        return ("infected", found) if found else ("clean", "")

    def search(self, source: BinaryIO) -> str:
        """The name of the virus in *source*; empty where there is none.

        :raises ScannerAway: where there is no verdict.
        """
        source.seek(0)
        try:
            with closing(self._connect()) as connection:
                answer = _ask(connection, source)
        except OSError as error:
            raise ScannerAway(str(error)) from error
        finally:
            source.seek(0)
        if answer == "stream: OK":
            return ""
        match = _FOUND.match(answer)
        if match is None:
            raise ScannerAway(answer[:200] or "no answer")
        return match[1][:200]

    def _connect(self) -> socket.socket:
        if self.address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(_CONNECT)
            try:
                connection.connect(self.address)
            except OSError:
                connection.close()
                raise
        else:
            host, _, port = self.address.rpartition(":")
            connection = socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT)
        connection.settimeout(_VERDICT)
        return connection


def _ask(connection: socket.socket, source: BinaryIO) -> str:
    connection.sendall(b"zINSTREAM\0")
    try:
        while piece := source.read(CHUNK):
            connection.sendall(len(piece).to_bytes(4, "big") + piece)
        connection.sendall(bytes(4))
    except (BrokenPipeError, ConnectionResetError):
        # It hangs up on a file that is too large for it, and has said so.
        log.warning("scanner.hung_up")
    answer = b""
    while b"\0" not in answer and len(answer) < 4096 and (piece := connection.recv(4096)):
        answer += piece
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
