"""A real mail server on this machine, with a certificate of its own, that keeps what it is sent."""

import asyncio
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult


@dataclass
class MailServer:
    """
    :ivar answers: what is said to the next recipients, instead of accepting them.
    :ivar received: the messages, as they came.
    """

    folder: Path
    host: str = "localhost"
    tls: str = "starttls"
    password: str = ""
    received: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    offers_tls: bool = True
    port: int = 0
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None
    _server: Any = None

    def start(self) -> "MailServer":
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.trusted))
        certificate = authority.issue_cert(self.host)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        options: dict[str, Any] = {"hostname": "localhost"}
        if self.tls == "starttls" and self.offers_tls:
            options |= {"tls_context": context, "require_starttls": True}
        if self.password:
            options |= {"authenticator": self._authenticate, "auth_required": True}
        self._loop = loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, daemon=True)
        self._thread.start()
        serving = loop.create_server(
            lambda: SMTP(self, loop=loop, **options),
            "127.0.0.1",
            self.port,
            ssl=context if self.tls == "tls" else None,
        )
        self._server = asyncio.run_coroutine_threadsafe(serving, loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    @property
    def trusted(self) -> Path:
        """The certificate of who signed the server's."""
        return self.folder / "authority.pem"

    def stop(self) -> None:
        """As when the machine is switched off; :meth:`start` goes on at the same port."""
        if self._loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._loop = None

    async def _close(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == self.password.encode(), handled=False)

    # What aiosmtpd calls.

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message: Any = message_from_bytes(envelope.content, policy=default)
        self.received.append(message)
        return "250 OK"
