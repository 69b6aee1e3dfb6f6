"""A passkey device in software: answers what a site asks as a browser and a device together do, rightly or not."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "http://localhost:6543"

#: Flags of authenticator data: the owner was there, was checked, and a new key comes along.
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw(encoded: str) -> bytes:
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


@dataclass
class Device:
    """One key. ``count`` is its counter; a copy of the device has the same key and an older counter."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: str = ""
    count: int = 0

    def create(self, options: dict[str, Any], *, origin: str = ORIGIN, domain: str | None = None) -> str:
        """The answer to ``navigator.credentials.create``."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + public
        data = self._data(domain or options["rp"]["id"], PRESENT | VERIFIED | ATTESTED) + attested
        response = {
            "clientDataJSON": self._client("webauthn.create", options["challenge"], origin),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "made-up"],
        }
        return self._answer(response)

    def get(
        self,
        options: dict[str, Any],
        *,
        origin: str = ORIGIN,
        domain: str | None = None,
        flags: int = PRESENT | VERIFIED,
        handle: str | None = None,
    ) -> str:
        """The answer to ``navigator.credentials.get``."""
        self.count += 1
        client = self._client("webauthn.get", options["challenge"], origin)
        data = self._data(domain or options["rpId"], flags)
        signature = self.key.sign(data + sha256(raw(client)).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": client,
            "authenticatorData": text(data),
            "signature": text(signature),
            "userHandle": self.handle if handle is None else handle,
        }
        return self._answer(response)

    def _client(self, kind: str, challenge: str, origin: str) -> str:
        return text(json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode())

    def _data(self, domain: str, flags: int) -> bytes:
        return sha256(domain.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _answer(self, response: dict[str, Any]) -> str:
        answer = {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}
        return json.dumps(answer | {"clientExtensionResults": {}})
