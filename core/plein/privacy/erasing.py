"""Erasing a person: the account becomes nobody's, what others need stays, and a restored backup cannot bring it back.

Personal data go, texts stay under a pseudonym. Who was erased stands in a list, in the database and in a file beside
the attachments, by the account's random ``uid`` alone. A database that is restored is older than what happened since:
``plein privacy replay`` erases again whoever is on the file's list. See ADR 0019.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from plein.audit import ORIGIN, record
from plein.content.models import Attachment
from plein.contributions import ErasedPerson
from plein.db import db_unguarded, utcnow
from plein.jobs.context import SiteParts
from plein.people.lifecycle import ERASED
from plein.people.models import User
from plein.people.personal import forget_account
from plein.people.profile_models import Photo
from plein.privacy.exporting import file_of
from plein.privacy.models import DataExport, Erasure
from plein.privacy.tables import forget

log = structlog.get_logger(__name__)

#: The list of who was erased, in the folder of attachments: a backup of files has it, a restored database need not.
LIST = "erasures.jsonl"


class ErasureError(ValueError):
    """Why somebody cannot be erased: ``last`` administrator, or ``self``."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did. :param missing: plugins that could not take part."""

    pseudonym: str
    deleted: dict[str, int]
    missing: tuple[str, ...]


def erase(
    site: SiteParts, uid: str, *, reason: str, actor_id: int | None, origin: str, replayed: bool = False
) -> Erased | None:
    """Erase the person with this *uid*, in a transaction of its own. Doing it again does no harm.

    :param actor_id: the administrator; ``None`` for the command line.
    :return: ``None`` where there is no such account.
    :raises ErasureError: for the last administrator, and for oneself.
    """
    plugins = site.plugins
    with db_unguarded(site.engine, reason="an administrator erases a person", writes=True) as db:
        db.info[ORIGIN] = origin
        user = db.scalar(select(User).where(User.uid == uid).with_for_update())
        if user is None:
            return None
        _check(db, user, actor_id)
        digests, exports = _files(db, user.id)
        person = ErasedPerson(user.id, user.login, user.name, user.email, _pseudonym(db, user))
        answered = {answer.plugin for answer in plugins.call("on_user_erased", db=db, person=person)}
        missing = sorted(plugins.implementing("on_user_erased") - answered)
        deleted = forget(db, plugins, user.id)
        forget_account(db, person)
        _remember(db, uid, reason, missing, deleted)
        act = "account.erased_again" if replayed else "account.erased"
        record(db, act, "user", user.id, actor_id=actor_id, reason=reason, missing=missing)
    # What is not in the database goes when that is certain; each of these can be done again.
    write_down(site.settings["plein.files_dir"], [uid])
    for export in exports:
        file_of(site.settings, export).unlink(missing_ok=True)
    for digest in digests:
        site.blobs.delete(digest)
    log.info("privacy.erased", user=person.user_id, missing=missing)
    return Erased(person.pseudonym, deleted, tuple(missing))


def _check(db: Session, user: User, actor_id: int | None) -> None:
    if actor_id is not None and user.id == actor_id:
        raise ErasureError("self")
    if user.is_admin:
        other = select(User.id).where(User.is_admin, User.state == "active", User.id != user.id).limit(1)
        if db.scalar(other) is None:
            raise ErasureError("last")


def _pseudonym(db: Session, user: User) -> str:
    """A login that says nothing; the same where the person has one already."""
    if user.login.startswith(ERASED) and user.state == "left":
        return user.login
    while True:
        login = f"{ERASED}{secrets.randbelow(10**8):08}"
        if db.scalar(select(User.id).where(User.login == login)) is None:
            return login


def _files(db: Session, user_id: int) -> tuple[set[str], Sequence[str]]:
    """Digests of photos that nobody else has, and uids of exports."""
    digests = db.scalars(select(Photo.digest).where(Photo.user_id == user_id)).all()
    used = set(db.scalars(select(Attachment.digest).where(Attachment.digest.in_(digests))))
    used |= set(db.scalars(select(Photo.digest).where(Photo.digest.in_(digests), Photo.user_id != user_id)))
    return set(digests) - used, db.scalars(select(DataExport.uid).where(DataExport.user_id == user_id)).all()


def _remember(db: Session, uid: str, reason: str, missing: list[str], deleted: dict[str, int]) -> None:
    row = db.scalar(select(Erasure).where(Erasure.user_uid == uid))
    if row is None:
        row = Erasure(user_uid=uid, reason=reason)
        db.add(row)
    row.missing, row.deleted = missing, {**(row.deleted or {}), **deleted}
    db.flush()


# -- the list that a restore does not undo ------------------------------------------------------------------------


def write_down(folder: Path, uids: Sequence[str]) -> None:
    """Add *uids* to the file's list, on disk before this returns."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    path = Path(folder) / LIST
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        known = set(_uids(file))
        for uid in uids:
            if uid not in known:
                file.write(json.dumps({"uid": uid, "at": utcnow().isoformat(timespec="seconds")}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def listed(path: Path) -> list[str]:
    """The uids on the list in *path*; none where there is no such file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as file:
        return list(dict.fromkeys(_uids(file)))


def _uids(lines: Any) -> Iterator[str]:
    for line in lines:
        try:
            uid = json.loads(line)["uid"]
        except (ValueError, KeyError, TypeError):
            # A line that a power cut left halfway: the row in the database writes it anew.
            log.warning("privacy.list_damaged")
            continue
        if isinstance(uid, str):
            yield uid


@dataclass(frozen=True, slots=True)
class Replayed:
    """:param again: erased again. :param added: written into the file, which did not have them."""

    again: int
    added: int
    missing: tuple[str, ...]


def replay(site: SiteParts, extra: Path | None = None) -> Replayed:
    """Bring database and list together: erase whoever is on a list and has their name back; complete the list.

    :param extra: a list that was kept elsewhere.
    """
    folder = Path(site.settings["plein.files_dir"])
    wanted = dict.fromkeys([*listed(folder / LIST), *(listed(extra) if extra is not None else [])])
    with db_unguarded(site.engine, reason="privacy replay: who was erased") as db:
        rows = dict(db.execute(select(Erasure.user_uid, Erasure.missing)).all())
        named = or_(~User.login.startswith(ERASED), User.state != "left")
        whole = set(db.scalars(select(User.uid).where(User.uid.in_([*wanted, *rows]), named)))
    due = [uid for uid in [*wanted, *(uid for uid in rows if uid not in wanted)] if uid in whole or rows.get(uid)]
    missing: set[str] = set()
    again = 0
    for uid in due:
        done = erase(site, uid, reason="", actor_id=None, origin="command line", replayed=True)
        if done is not None:
            again += 1
            missing |= set(done.missing)
    before = set(listed(folder / LIST))
    everybody = [uid for uid in [*wanted, *rows] if uid not in before]
    if everybody:
        write_down(folder, everybody)
    return Replayed(again, len(set(everybody)), tuple(sorted(missing)))
