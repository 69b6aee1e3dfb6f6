"""How people look from afar: their photo, and that they are a guest, wherever a name stands.

Names stand on every page, in lists of every feature. So that none of those has to join anything, each process keeps
what it needs of the people who have a photo or are a guest, with the number of the change it belongs to. That number
comes with the viewer of each request: a new photo shows on the next page in every process, without a statement more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import Engine, or_, select

from plein.db import open_session
from plein.people.models import User
from plein.people.words import FACES
from plein.security.models import Stamp

#: In the environment of a request: the number of the last change.
NUMBER = "plein.faces"


@dataclass(frozen=True, slots=True)
class Face:
    """*photo* is the version in its address, empty without one."""

    photo: str
    is_guest: bool


class Faces:
    """The faces as this process knows them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._kept: tuple[int, Mapping[int, Face]] = (0, {})

    def at(self, number: int) -> Mapping[int, Face]:
        """Faces as they were at *number*, or later, by the person's id. Number 0 means that there never were any."""
        kept = self._kept
        if kept[0] >= number:
            return kept[1]
        with self._lock:
            if self._kept[0] < number:
                self._kept = self._read()
            return self._kept[1]

    def _read(self) -> tuple[int, Mapping[int, Face]]:
        some = select(User.id, User.photo, User.kind).where(
            User.state == "active", or_(User.photo != "", User.kind == "guest")
        )
        with open_session(self._engine) as db:
            # The number first: what changes in between is then read again.
            number = db.scalar(select(Stamp.number).where(Stamp.name == FACES)) or 0
            return number, {row.id: Face(row.photo, row.kind == "guest") for row in db.execute(some)}


def faces(request: Request) -> Mapping[Any, Face]:
    """The faces that a page shows; nobody's for whoever is not signed in."""
    number = request.environ.get(NUMBER, 0) if request.viewer.is_signed_in else 0
    found: Mapping[Any, Face] = request.registry["plein.faces"].at(number) if number else {}
    return found


def includeme(config: Configurator) -> None:
    config.remember("plein.faces", lambda registry: Faces(registry["plein.engine"]))
    config.add_request_method(faces, reify=True)
