"""A provider in Python that says what a test wants it to say: right answers by default, and every forgery.

It listens on loopback and has no page to sign in: a test takes the address that the site sends people to, and comes
back with the code that the provider would have given.
"""

import base64
import hmac
import json
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

CLIENT = "plein"
CODE = "a code"
ACCESS_TOKEN = "an access token"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Forger:
    """The provider. What it says is in ``documents``, ``claims`` and ``token``; a test changes that.

    :ivar documents: by path: what is answered, a function for what is made then, or a pair of a status and headers.
    :ivar claims: what the id token says beside what each has.
    :ivar sign: makes a token of (header, claims).
    :ivar asked: the path of each request, with what was posted.
    """

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._first_key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self.reset()
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def reset(self) -> None:
        """Honest again."""
        self.key = self._first_key
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.claims: dict[str, Any] = {}
        self.without: set[str] = set()
        self.header: dict[str, Any] = {}
        self.nonce = ""
        self.sign: Callable[[dict[str, Any], dict[str, Any]], str] = self.signed
        self.tokens: dict[str, Any] = {}
        self.documents: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "end_session_endpoint": f"{self.issuer}/out",
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            },
            "/jwks": lambda: {"keys": [self.key.as_dict(private=False)]},
            "/token": self.token_answer,
            "/userinfo": {"sub": "subject-anna"},
        }

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = self.documents["/.well-known/openid-configuration"]
        return found

    # -- tokens -------------------------------------------------------------------------------------------------------

    def token_answer(self) -> dict[str, Any]:
        header = {"alg": "RS256", "kid": self.key.kid, **self.header}
        token = self.sign({name: value for name, value in header.items() if value is not None}, self.id_claims())
        return {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": token, **self.tokens}

    def id_claims(self) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "subject-anna",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": self.nonce,
            "sid": "session-of-anna",
            "preferred_username": "anna",
            "name": "Anna de Vries",
            "email": "anna@example.nl",
            "email_verified": True,
            **self.claims,
        }
        return {name: value for name, value in claims.items() if name not in self.without}

    def logout_claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 120,
            "jti": "message-1",
            "sub": "subject-anna",
            "sid": "session-of-anna",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def logout_token(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        kind = {"alg": "RS256", "kid": self.key.kid, "typ": "logout+jwt"}
        return self.sign({**kind, **(header or {})}, self.logout_claims(**changes))

    def signed(self, header: dict[str, Any], claims: dict[str, Any], key: Any = None) -> str:
        """As a provider does it, also with headers that joserfc would refuse to write."""
        body = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        algorithm = JWSRegistry.algorithms[header["alg"]]
        return f"{body}.{base64url(algorithm.sign(body.encode(), key or self.key))}"

    @staticmethod
    def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
        parts = ({**header, "alg": "none"}, claims)
        return ".".join([*(base64url(json.dumps(part).encode()) for part in parts), ""])

    def signed_with_public_key(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """HS256, with what everybody knows as the secret. By hand: joserfc refuses to make it."""
        parts = ({**header, "alg": "HS256"}, claims)
        body = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        digest = hmac.new(self.key.as_pem(private=False), body.encode(), sha256).digest()
        return f"{body}.{base64url(digest)}"

    # -- the server ---------------------------------------------------------------------------------------------------

    def _handler(forger: "Forger") -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer({})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
                self.answer({name: values[0] for name, values in parse_qs(body).items()})

            def answer(self, form: dict[str, str]) -> None:
                path = urlsplit(self.path).path
                forger.asked.append((path, form, dict(self.headers.items())))
                found = forger.documents.get(path)
                found = found() if callable(found) else found
                status, headers, body = 200, {"Content-Type": "application/json"}, b""
                if found is None:
                    status = 404
                elif isinstance(found, tuple):
                    status, headers = found
                elif isinstance(found, bytes):
                    body = found
                else:
                    body = json.dumps(found).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                pass

        return Handler
