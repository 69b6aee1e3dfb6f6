"""Secrets that the server must be able to read back, encrypted with a key that is not in the database.

Who gets hold of a copy of the database or of a backup cannot make anybody's codes with it: the key comes from
``plein.secret``. With another ``plein.secret`` apps have to be set up anew; passkeys and recovery codes keep working.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Sealer:
    """Encrypts for one purpose; what was sealed for another one, or for other *words*, does not open.

    :param secret: ``plein.secret``.
    :param purpose: gives each purpose a key of its own (HKDF with SHA-256, RFC 5869).
    """

    def __init__(self, secret: str, purpose: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"plein {purpose}".encode()).derive(secret.encode())
        self._fernet = Fernet(urlsafe_b64encode(key))

    def seal(self, text: str, *words: object) -> str:
        """*text* encrypted, tied to *words*: whose it is, in which session."""
        return self._fernet.encrypt(f"{_bound(words)}{text}".encode()).decode()

    def open(self, sealed: str, *words: object, seconds: int | None = None) -> str | None:
        """The text; ``None`` for what was changed, sealed with other words, or more than *seconds* ago."""
        try:
            text = self._fernet.decrypt(sealed.encode("utf-8", "backslashreplace"), ttl=seconds).decode()
        except InvalidToken:
            return None
        bound = _bound(words)
        return text.removeprefix(bound) if text.startswith(bound) else None


def _bound(words: tuple[object, ...]) -> str:
    return "".join(f"{word}\0" for word in words)
