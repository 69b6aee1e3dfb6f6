"""Who somebody is elsewhere, and which account that is here: by the provider's own name for the person, never by an
e-mail address. Somebody who gets another's address would get their account too.
"""

import re
from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.audit import record
from plein.contributions import Identity, SignInMethod
from plein.db import utcnow
from plein.people.models import User, UserIdentity
from plein.people.services import LOGIN, PeopleService, fold_login
from plein.people.standing import may_enter
from plein.web.i18n import _

#: How long the account of a guest works that a provider brought, until a colleague answers for it.
GUEST_DAYS = 30

_NAME_LENGTH = 120
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+")

_SENTENCES = {
    "unknown": _("There is no account for you here yet. Ask an administrator of this site to make one."),
    "taken": _(
        "There is an account with your name here, but it is not tied to this way of signing in. Sign in with your "
        "password, or ask an administrator."
    ),
    "local": _("This account signs in with its password only."),
    "login": _("The name that you are known by cannot be a name here. Ask an administrator of this site."),
    "suspended": _("Your account is suspended. Ask an administrator of this site why, and how to go on."),
    "left": _("Your account has been closed. Ask an administrator of this site when that is a mistake."),
    "expired": _("Your account has ended. Ask the colleague who invited you to have it extended."),
}


class NotAdmitted(Exception):
    """Somebody whom the provider knows, and who may not come in here.

    :ivar reason: its kind, one word.
    :ivar sentence: what they are told.
    :ivar user_id: the account it is about, where there is one.
    """

    def __init__(self, reason: str, user_id: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.user_id = user_id
        self.sentence: TranslationString = _SENTENCES[reason]


class IdentityService:
    """Finds, ties and makes accounts for identities. Never commits.

    :param day: today, where the site is.
    :param local_only: logins that no provider may take: the way in when all providers fail.
    """

    def __init__(self, db: Session, *, day: date, local_only: Collection[str] = ()) -> None:
        self.db = db
        self.day = day
        self.local_only = {fold_login(login) for login in local_only}

    def person(self, identity: Identity, method: SignInMethod) -> User:
        """The account of *identity*, made or tied where the rules of *method* say so, with what is new about it.

        :raises NotAdmitted: with a sentence.
        """
        user = self.find(identity) or self._new(identity, method)
        if not may_enter(user, self.day):
            reason = user.state if user.state in ("suspended", "left") else "expired"
            raise NotAdmitted(reason, user.id)
        if method.updates:
            self._update(user, identity)
        return user

    def find(self, identity: Identity) -> User | None:
        """The account that the provider's subject is tied to."""
        found = self.db.execute(
            select(UserIdentity, User)
            .join(User, User.id == UserIdentity.user_id)
            .where(UserIdentity.provider == identity.provider, UserIdentity.subject == identity.subject)
        ).one_or_none()
        if found is None:
            return None
        known, user = found
        if user.login in self.local_only:
            raise NotAdmitted("local", user.id)
        known.last_used_at = utcnow()
        return user

    def _new(self, identity: Identity, method: SignInMethod) -> User:
        login = fold_login(identity.login)
        if login in self.local_only:
            raise NotAdmitted("local")
        user = PeopleService(self.db).find(login)
        if user is not None and (not method.links_logins or self._is_tied(user, identity.provider)):
            raise NotAdmitted("taken", user.id)
        if user is None and not method.creates:
            raise NotAdmitted("unknown")
        if user is None and not LOGIN.fullmatch(login):
            raise NotAdmitted("login")
        try:
            with self.db.begin_nested():
                return self._tie(user or self._create(identity, method), identity)
        except IntegrityError:
            # Another window of the same person was a moment earlier.
            again = self.find(identity)
            if again is None:
                raise
            return again

    def _is_tied(self, user: User, provider: str) -> bool:
        """Whether somebody else of this provider is this user: then the login was given out anew, to another."""
        tied = select(UserIdentity.id).where(UserIdentity.user_id == user.id, UserIdentity.provider == provider)
        return self.db.execute(tied.limit(1)).first() is not None

    def _tie(self, user: User, identity: Identity) -> User:
        self.db.add(UserIdentity(provider=identity.provider, subject=identity.subject, user_id=user.id))
        self.db.flush()
        record(self.db, "identity.linked", "user", user.id, actor_id=user.id, provider=identity.provider)
        return user

    def _create(self, identity: Identity, method: SignInMethod) -> User:
        login = fold_login(identity.login)
        user = PeopleService(self.db).create(
            login=login, name=_name(identity.name) or login, email=_email(identity), kind=method.kind
        )
        if method.kind == "guest":
            user.ends_on = self.day + timedelta(days=GUEST_DAYS)
        record(self.db, "account.created", "user", user.id, actor_id=user.id, provider=identity.provider)
        return user

    def _update(self, user: User, identity: Identity) -> None:
        name, email = _name(identity.name), _email(identity)
        if name and name != user.name:
            user.name = name
        if email and email != user.email:
            user.email = email


def _name(name: str) -> str:
    """On one line, and no longer than a name that is typed."""
    plain = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(plain.split())[:_NAME_LENGTH].strip()


def _email(identity: Identity) -> str:
    """The address, where the provider vouches for it and it is one."""
    return identity.email if identity.email_verified and _EMAIL.fullmatch(identity.email) else ""
