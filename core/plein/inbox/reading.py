"""Reading the inbox: what a person was told, as pages and mails show it.

Nothing here narrows by who looks: the guard does. A title is of this moment, and so is the address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.content.models import Content
from plein.contributions import ContentType, NotificationType
from plein.inbox.models import Notification
from plein.inbox.words import REASONS
from plein.people.models import User
from plein.security.redirects import safe_path
from plein.spaces.models import Space
from plein.web.i18n import _, format_date

PAGE = 30
#: The number at the bell is counted so far.
MOST = 100

_IS_READ: Any = case((Notification.read_at.is_(None), 0), else_=1)
_OWN = ("owner", "author", "writer")

ALL = "all"
#: What can be shown alone.
FILTERS: Mapping[str, Any] = {
    "mentions": Notification.reason == "addressed",
    "mine": Notification.reason.in_(_OWN),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One notification, in words.

    :param type: what kind of event it is; ``None`` where the plugin that knew it is gone.
    :param path: where it leads, on this site.
    :param space: name of the space it is about; empty for none.
    :param is_open: everybody in the organisation may read what it is about.
    """

    id: int
    type: NotificationType | None
    sentence: str
    why: str
    title: str
    path: str
    space: str
    icon: str
    times: int
    actor: tuple[int, str, str] | None
    content_id: int | None
    created_at: datetime
    is_read: bool
    is_open: bool

    @property
    def asks(self) -> bool:
        return self.type is not None and self.type.asks


class Teller:
    """Makes words of rows.

    :param translate: to the reader's language.
    :param base: what stands before every path: the prefix of the site, or its whole address.
    :param locale: that language, for dates.
    :param titles: whether titles and names of spaces may be told; otherwise only what kind of thing it is.
    """

    def __init__(
        self,
        types: Mapping[str, ContentType],
        kinds: Mapping[str, NotificationType],
        translate: Callable[..., Any],
        base: str = "",
        *,
        locale: str = "nl",
        titles: bool = True,
    ) -> None:
        self._locale = locale
        self._types, self._kinds, self._translate = types, kinds, translate
        self._base, self._titles = base, titles

    def tell(self, row: Any) -> Told:
        kind, of_type = self._kinds.get(row.kind), self._types.get(row.type or "")
        title = row.title or ""
        if not self._titles and title:
            title = self._translate(of_type.title if of_type is not None else _("Something"))
        return Told(
            id=row.id,
            type=kind,
            sentence=self._sentence(kind, row, title),
            why=self._why(kind, row),
            title=title,
            path=self._base + self._path(row, of_type),
            space=(row.space_name or "") if self._titles else "",
            icon=kind.icon if kind is not None else "bell",
            times=row.times,
            actor=(row.actor_id, row.actor, row.actor_login) if row.actor else None,
            content_id=row.content_id,
            created_at=row.created_at,
            is_read=row.read_at is not None,
            is_open=row.access == "open" and not row.restricted and row.state in (None, "published", "archived"),
        )

    def _sentence(self, kind: NotificationType | None, row: Any, title: str) -> str:
        if kind is None:
            return str(self._translate(_("Something happened that this site no longer knows.")))
        text = kind.several if kind.several and row.times > 1 else kind.sentence
        own = {
            "actor": row.actor or self._translate(_("Plein")),
            "title": title or self._translate(_("something")),
            "space": (row.space_name or "") if self._titles else self._translate(_("a space")),
            "n": str(row.times),
        }
        return str(self._translate(TranslationString(text, mapping={**self._texts(row.details), **own})))

    def _texts(self, details: Mapping[str, Any]) -> dict[str, str]:
        """What an event brought, as texts; a date as the language writes it."""
        plain = {name: str(value) for name, value in details.items() if isinstance(value, str | int | float)}
        return {
            name: format_date(date.fromisoformat(value), self._locale) if _is_day(value) else value
            for name, value in plain.items()
        }

    def _why(self, kind: NotificationType | None, row: Any) -> str:
        if row.reason == "addressed" and kind is not None and kind.why:
            return str(self._translate(kind.why))
        return str(self._translate(REASONS.get(row.reason, REASONS["addressed"])))

    def _path(self, row: Any, of_type: ContentType | None) -> str:
        given = safe_path(row.details.get("path"), "")
        if given:
            return given
        if of_type is not None and row.slug:
            return f"/spaces/{row.space_slug}/{of_type.path}/{row.slug}"
        return f"/spaces/{row.space_slug}" if row.space_slug else "/inbox"


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def rows() -> Select[Any]:
    """Notifications with what their words are made of."""
    return (
        select(
            Notification.id,
            Notification.kind,
            Notification.reason,
            Notification.details,
            Notification.times,
            Notification.content_id,
            Notification.actor_id,
            Notification.created_at,
            Notification.read_at,
            Content.title,
            Content.type,
            Content.slug,
            Content.restricted,
            Content.state,
            Space.slug.label("space_slug"),
            Space.name.label("space_name"),
            Space.access,
            User.name.label("actor"),
            User.login.label("actor_login"),
        )
        .select_from(Notification)
        .outerjoin(Content, Content.id == Notification.content_id)
        .outerjoin(Space, Space.id == func.coalesce(Content.space_id, Notification.space_id))
        .outerjoin(User, User.id == Notification.actor_id)
    )


def mine(user_id: int | None) -> ColumnElement[bool]:
    """Those of one person: the guard says the same, and with this the index is used."""
    return Notification.user_id == user_id


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of the inbox ends: read or not, when, and which."""

    is_read: int
    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.is_read}_{self.at.isoformat()}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """The cursor that *text* is; ``None`` for nothing and for nonsense, which begins at the beginning."""
        try:
            is_read, at, number = text.split("_")
            moment = datetime.fromisoformat(at)
            found = cls(int(is_read), moment, int(number))
        except ValueError:
            return None
        return found if moment.tzinfo is not None and 0 < found.id < 2**63 and found.is_read in (0, 1) else None


def page(db: Session, user_id: int | None, show: str = ALL, after: str = "") -> tuple[Sequence[Any], str]:
    """What somebody was told, unread first, then newest first; and what continues it. One statement."""
    statement = rows().where(mine(user_id)).order_by(_IS_READ, Notification.created_at.desc(), Notification.id.desc())
    if show != ALL:
        statement = statement.where(FILTERS[show])
    cursor = Cursor.parse(after)
    if cursor is not None:
        earlier = or_(
            Notification.created_at < cursor.at,
            and_(Notification.created_at == cursor.at, Notification.id < cursor.id),
        )
        statement = statement.where(or_(cursor.is_read < _IS_READ, and_(cursor.is_read == _IS_READ, earlier)))
    found = db.execute(statement.limit(PAGE + 1)).all()
    if len(found) <= PAGE:
        return found, ""
    last = found[PAGE - 1]
    return found[:PAGE], str(Cursor(int(last.read_at is not None), last.created_at, last.id))


def unread(db: Session, user_id: int | None) -> tuple[int, int]:
    """How many are unread, at most :data:`MOST`, and the number of the newest. One statement, by the index."""
    some = (
        select(Notification.id, Notification.times)
        .where(mine(user_id), Notification.read_at.is_(None))
        .limit(MOST)
        .subquery()
    )
    number, newest = db.execute(select(func.count(), func.max(some.c.id)).select_from(some)).one()
    return int(number), int(newest or 0)


def waiting(db: Session, user_id: int | None, kinds: Sequence[str], size: int) -> Sequence[Any]:
    """What is unread and asks something of the person, oldest first. One statement."""
    asked = and_(Notification.kind.in_(kinds), Notification.reason == "addressed", Notification.read_at.is_(None))
    return db.execute(rows().where(mine(user_id), asked).order_by(Notification.created_at).limit(size)).all()
