"""Stopping mail with one click: a signed word in each mail that can do that for one person, and nothing else.

It works for whoever is not signed in, because mail programs press the button by themselves (RFC 8058). It names the
person by number, the kind of mail, and the day on which it stops working; whoever changes any of it breaks the seal.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from plein.db import utcnow

#: How long the link in a mail works.
LASTS = timedelta(days=365)

#: Instead of a kind of event: all mail.
ALL = "*"


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """Whose mail is stopped, and of which kind."""

    user_id: int
    kind: str


def make_token(secret: str, user_id: int, kind: str) -> str:
    """The word for stopping mail about *kind*, or :data:`ALL`."""
    until = (utcnow() + LASTS).date().isoformat()
    text = f"{user_id} {kind} {until}".encode()
    return f"{urlsafe_b64encode(text).decode().rstrip('=')}.{_seal(secret, text)}"


def read_token(secret: str, token: str) -> Unsubscription | None:
    """What *token* stops; ``None`` where it is not ours, or too old."""
    body, _dot, seal = token.partition(".")
    try:
        text = urlsafe_b64decode(body + "=" * (-len(body) % 4))
        if not hmac.compare_digest(_seal(secret, text).encode(), seal.encode()):
            return None
        user_id, kind, until = text.decode().split(" ")
        return Unsubscription(int(user_id), kind) if date.fromisoformat(until) >= utcnow().date() else None
    except ValueError:
        return None


def _seal(secret: str, text: bytes) -> str:
    key = sha256(b"plein.unsubscribe\0" + secret.encode()).digest()
    return urlsafe_b64encode(hmac.new(key, text, sha256).digest()).decode().rstrip("=")
