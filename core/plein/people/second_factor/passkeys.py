"""Passkeys (WebAuthn): a device signs what this site asked it, once. The cryptography is py_webauthn's.

A challenge is stored when it is given out, for one purpose, one person and one browser, and goes when it is answered.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from plein.db import utcnow
from plein.people.models import User
from plein.people.second_factor.models import Passkey, PasskeyChallenge
from plein.people.standing import is_active

Purpose = Literal["add", "sign_in", "second", "confirm"]

#: How long a challenge may be answered: finding a key takes people a while.
VALID_FOR = timedelta(minutes=5)
#: Passkeys that one person may have.
MOST = 20
_LONGEST_ANSWER = 20_000


class PasskeyError(Exception):
    """An answer that proves nothing. The text is for the log, never for the page."""


class ClonedPasskeyError(PasskeyError):
    """The counter of the device went back: somebody has a copy of it."""

    def __init__(self, user_id: int) -> None:
        super().__init__("the counter went back")
        self.user_id = user_id


@dataclass(frozen=True, slots=True)
class Site:
    """What passkeys know the site by.

    :param origin: ``https://plein.example.nl``.
    :param name: for the browser's window.
    """

    origin: str
    name: str

    @property
    def domain(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def has_passkeys(self) -> bool:
        """Browsers want a name instead of a number, and TLS, except on the own machine."""
        try:
            ip_address(self.domain)
        except ValueError:
            return self.origin.startswith("https://") or self.domain == "localhost"
        return False


class PasskeyService:
    """Adds passkeys and checks their answers. Never commits.

    :param browser: something that only this browser has, such as its token against forged requests.
    """

    def __init__(self, db: Session, site: Site, browser: str) -> None:
        self.db = db
        self.site = site
        self._browser = _mark(browser)

    def of(self, user_id: int) -> Sequence[Any]:
        """Id, credential_id, handle, transports, name, created_at and last_used_at of the person's passkeys."""
        columns = (Passkey.id, Passkey.credential_id, Passkey.handle, Passkey.transports, Passkey.name)
        rows = select(*columns, Passkey.created_at, Passkey.last_used_at).where(Passkey.user_id == user_id)
        return self.db.execute(rows.order_by(Passkey.id).limit(MOST)).all()

    def options_to_add(self, user: User) -> str:
        """The JSON for ``navigator.credentials.create``."""
        known = self.of(user.id)
        handle = _bytes(known[0].handle) if known else secrets.token_bytes(32)
        options = generate_registration_options(
            rp_id=self.site.domain,
            rp_name=self.site.name,
            user_id=handle,
            user_name=user.login,
            user_display_name=user.name,
            challenge=self._challenge("add", user.id, also=_text(handle)),
            exclude_credentials=_descriptors(known),
            # Kept in the device where it can, so that it also signs in without a password.
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
            ),
        )
        return options_to_json(options)

    def add(self, user: User, name: str, handle: str, answer: str) -> Passkey:
        """Store the passkey that the browser made.

        :param handle: ``user.id`` of the options, which the challenge is tied to.
        :raises PasskeyError: for an answer to another challenge, of another site, or that cannot be read.
        """
        given = _parsed(answer)
        challenge = self._answered(given, "add", user.id, also=handle)
        if len(self.of(user.id)) >= MOST:
            raise PasskeyError("too many")
        try:
            made = verify_registration_response(
                credential=given,
                expected_challenge=challenge,
                expected_rp_id=self.site.domain,
                expected_origin=self.site.origin,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError) as error:
            raise PasskeyError(str(error)) from error
        credential = _text(made.credential_id)
        if self.db.execute(select(Passkey.id).where(Passkey.credential_id == credential)).first() is not None:
            raise PasskeyError("known already")
        passkey = Passkey(
            user_id=user.id,
            credential_id=credential,
            public_key=made.credential_public_key,
            handle=handle,
            sign_count=made.sign_count,
            name=name,
            transports=_transports(given),
            created_at=utcnow(),
        )
        self.db.add(passkey)
        self.db.flush()
        return passkey

    def remove(self, user_id: int, passkey_id: int) -> bool:
        """Says whether there was one."""
        gone = self.db.execute(delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id))
        return bool(gone.rowcount)  # type: ignore[attr-defined]

    def options_to_use(self, purpose: Purpose, user_id: int | None = None) -> str:
        """The JSON for ``navigator.credentials.get``. Without *user_id* the device says who it is."""
        verification = UserVerificationRequirement.PREFERRED if user_id else UserVerificationRequirement.REQUIRED
        options = generate_authentication_options(
            rp_id=self.site.domain,
            challenge=self._challenge(purpose, user_id),
            allow_credentials=_descriptors(self.of(user_id)) if user_id is not None else None,
            user_verification=verification,
        )
        return options_to_json(options)

    def use(self, purpose: Purpose, answer: str, user_id: int | None = None) -> int:
        """Whose passkey answered; with *user_id* it must be theirs. Without, the device must have checked its owner.

        :raises PasskeyError: for everything that proves nothing.
        :raises ClonedPasskeyError: when the device's counter did not grow.
        """
        given = _parsed(answer)
        challenge = self._answered(given, purpose, user_id)
        passkey = self._find(given, user_id)
        try:
            proved = verify_authentication_response(
                credential=given,
                expected_challenge=challenge,
                expected_rp_id=self.site.domain,
                expected_origin=self.site.origin,
                credential_public_key=passkey.public_key,
                # The counter is compared below, to tell a copy from a wrong answer.
                credential_current_sign_count=0,
                require_user_verification=user_id is None,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError) as error:
            raise PasskeyError(str(error)) from error
        before, now = passkey.sign_count, proved.new_sign_count
        if (before or now) and now <= before:
            raise ClonedPasskeyError(passkey.user_id)
        used = self.db.execute(
            update(Passkey)
            .where(Passkey.id == passkey.id, Passkey.sign_count == before)
            .values(sign_count=now, last_used_at=utcnow())
        )
        if used.rowcount != 1:  # type: ignore[attr-defined]
            raise PasskeyError("used twice at the same moment")
        return passkey.user_id

    def _find(self, given: dict[str, Any], user_id: int | None) -> Passkey:
        rows = select(Passkey).join(User, User.id == Passkey.user_id).where(is_active(User))
        rows = rows.where(Passkey.credential_id == str(given.get("id")))
        passkey = self.db.execute(rows).scalar_one_or_none()
        if passkey is None or user_id not in (None, passkey.user_id):
            raise PasskeyError("unknown passkey")
        handle = given["response"].get("userHandle")
        if (handle or user_id is None) and handle != passkey.handle:
            raise PasskeyError("another handle")
        return passkey

    def _challenge(self, purpose: Purpose, user_id: int | None, also: str = "") -> bytes:
        now, challenge = utcnow(), secrets.token_bytes(32)
        self.db.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < now))
        self.db.add(
            PasskeyChallenge(
                challenge_hash=_mark(_text(challenge) + also),
                purpose=purpose,
                browser=self._browser,
                user_id=user_id,
                expires_at=now + VALID_FOR,
            )
        )
        self.db.flush()
        return challenge

    def _answered(self, given: dict[str, Any], purpose: Purpose, user_id: int | None, also: str = "") -> bytes:
        """The challenge that is answered, used up by asking."""
        try:
            challenge = str(json.loads(_bytes(given["response"]["clientDataJSON"]))["challenge"])
            raw = _bytes(challenge)
        except (KeyError, TypeError, ValueError) as error:
            raise PasskeyError("no challenge in it") from error
        mine = PasskeyChallenge.user_id.is_(None) if user_id is None else PasskeyChallenge.user_id == user_id
        found = self.db.execute(
            delete(PasskeyChallenge).where(
                PasskeyChallenge.challenge_hash == _mark(challenge + also),
                PasskeyChallenge.purpose == purpose,
                PasskeyChallenge.browser == self._browser,
                PasskeyChallenge.expires_at > utcnow(),
                mine,
            )
        )
        if found.rowcount != 1:  # type: ignore[attr-defined]
            raise PasskeyError("no challenge of ours")
        return raw


def _parsed(answer: str) -> dict[str, Any]:
    """What the browser answered, if it can be read."""
    if len(answer) > _LONGEST_ANSWER:
        raise PasskeyError("too long")
    try:
        given = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise PasskeyError("no JSON") from error
    if not isinstance(given, dict) or not isinstance(given.get("response"), dict):
        raise PasskeyError("another shape")
    return given


def _transports(given: dict[str, Any]) -> str:
    known = {transport.value for transport in AuthenticatorTransport}
    said = given["response"].get("transports")
    return " ".join(sorted({one for one in said if one in known})) if isinstance(said, list) else ""


def _descriptors(rows: Sequence[Any]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=_bytes(row.credential_id),
            transports=[AuthenticatorTransport(one) for one in row.transports.split()] or None,
        )
        for row in rows
    ]


def _mark(text: str) -> str:
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
