"""Tables of content: one table for every type, and what hangs on it.

A plugin's type inherits :class:`Content` (joined table). Rows whose type no installed plugin knows load as
:class:`DormantContent` and come back to life with the plugin.
"""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, Mapper, declared_attr, mapped_column, relationship

from plein.blobs import FILE_DIGEST
from plein.db import Base, PrimaryKey, utcnow
from plein.db.types import JSONValue
from plein.spaces.models import Space

STATES = ("draft", "scheduled", "published", "archived", "trashed")


class Content(Base):
    """An item: a page, a post, a question. ``type`` is the name of a declared ContentType."""

    __tablename__ = "content"

    id: Mapped[PrimaryKey]
    uid: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))
    type: Mapped[str]
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    title: Mapped[str]
    #: ``title`` folded, so that both databases sort alike
    sort_title: Mapped[str]
    #: unique per space and type; the last part of the address
    slug: Mapped[str]
    #: Markdown, as written
    body: Mapped[str] = mapped_column(default="")
    #: rendered once per version; holds nothing that depends on who looks
    html: Mapped[str] = mapped_column(default="")
    #: ``html`` without mark-up, for search and snippets
    text: Mapped[str] = mapped_column(default="")
    #: headings, as [[level, anchor, text], …]
    outline: Mapped[list[Any]] = mapped_column(default=list)
    tags: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(default="published")
    #: what the state was before it was trashed, so that restoring can put it back
    state_before: Mapped[str | None]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    #: who looks after it where that is no person: a role in its space, ``manager`` or ``editor``
    owner_role: Mapped[str | None]
    #: when somebody should look whether it is still true; none where its type and space ask nothing
    review_on: Mapped[date | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    #: who was reminded for this ``review_on``, see ``content.freshness.stages``: 0 nobody yet, 1 the owner beforehand,
    #: 2 the owner on the day, 3 the managers, 4 the content officers. From 3 on its readers are told as well.
    review_stage: Mapped[int] = mapped_column(default=0)
    #: how many readers' reports that it is out of date are not dealt with yet
    open_reports: Mapped[int] = mapped_column(default=0)
    #: how often it was read in the last 90 days. Only for sorting: what people read goes by ``content.freshness.reads``
    popularity: Mapped[int] = mapped_column(default=0)
    #: how many proposed changes wait for approval
    open_proposals: Mapped[int] = mapped_column(default=0)
    #: when it appears by itself, where it is scheduled
    publish_at: Mapped[datetime | None]
    #: when it is archived by itself
    expires_at: Mapped[datetime | None]
    #: when it was published first
    published_at: Mapped[datetime | None]
    trashed_at: Mapped[datetime | None]
    #: only who may lock it may change it
    locked: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(default="nl")
    #: only the author, the owner and its audience read it, whatever the space says
    restricted: Mapped[bool] = mapped_column(default=False)
    #: 1 for the first version; also what a save must name as its base
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)

    space: Mapped[Space] = relationship()

    __mapper_args__ = {"polymorphic_on": "type"}
    __table_args__ = (
        UniqueConstraint("space_id", "type", "slug"),
        Index("ix_content_space_id_type_sort_title", "space_id", "type", "sort_title", "id"),
        Index("ix_content_space_id_updated_at", "space_id", "updated_at", "id"),
        Index("ix_content_state_updated_at", "state", "updated_at", "id"),
        Index("ix_content_publish_at", "publish_at"),
        Index("ix_content_expires_at", "expires_at"),
        Index("ix_content_trashed_at", "trashed_at"),
        Index("ix_content_review_on", "review_on", "id"),
        Index("ix_content_popularity", "popularity", "id"),
    )


class DormantContent(Content):
    """An item whose plugin is not installed: kept, exported, linked to, but shown only as such."""

    # No item is ever stored with this type: it is what an unknown one loads as.
    __mapper_args__ = {"polymorphic_identity": "plein.dormant"}


class _KnownTypes(dict[Any, Mapper[Any]]):
    """SQLAlchemy's map from ``type`` to class, which answers DormantContent instead of failing."""

    def __missing__(self, type_name: Any) -> Mapper[Any]:
        return DormantContent.__mapper__


_known = _KnownTypes(Content.__mapper__.polymorphic_map)
for _mapper in (Content.__mapper__, DormantContent.__mapper__):
    _mapper.polymorphic_map = _known


class _AnyType:
    """What ``type`` a dormant item may have when it is stored again: the one it came with."""

    def __contains__(self, type_name: object) -> bool:
        return True


DormantContent.__mapper__._acceptable_polymorphic_identities = _AnyType()


class OfContent:
    """Mixin for whatever hangs on an item: seen by exactly those who see the item."""

    @declared_attr
    def content_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("content.id", ondelete="CASCADE"), index=True)


class Revision(OfContent, Base):
    """What an item was after each save: version, text, who and why."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("content_id", "version"),)

    id: Mapped[PrimaryKey]
    version: Mapped[int]
    title: Mapped[str]
    body: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(default=list)
    #: the fields of the type's own, by name, as JSON has them
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: the writer said that nobody needs to hear of it
    minor: Mapped[bool] = mapped_column(default=False)
    #: why, in the writer's words
    note: Mapped[str] = mapped_column(default="")
    #: edit, restore, merge, move or import
    kind: Mapped[str] = mapped_column(default="edit")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Transition(OfContent, Base):
    """What became of an item beside its text: another state, place, owner or lock, with who and why."""

    __tablename__ = "content_transition"

    id: Mapped[PrimaryKey]
    #: a :data:`plein.contributions.ChangeAction`
    action: Mapped[str]
    #: the state before and after; equal where it did not change
    before: Mapped[str]
    after: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    #: nobody, where it happened by itself
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


_FOR_SITE: Any = literal_column("space_id IS NULL")


class PolicyValue(Base):
    """What an administrator, or for one space its managers, decided for items of a type. See ``content.policies``."""

    __tablename__ = "content_policy"
    __table_args__ = (
        UniqueConstraint("space_id", "type", "name"),
        Index(
            "uq_content_policy_site",
            "type",
            "name",
            unique=True,
            sqlite_where=_FOR_SITE,
            postgresql_where=_FOR_SITE,
        ),
    )

    id: Mapped[PrimaryKey]
    name: Mapped[str]
    type: Mapped[str]
    #: none for the whole site
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    value: Mapped[Any] = mapped_column(JSONValue)


class ContentLink(OfContent, Base):
    """A way from an item to another one: a link or an embed in its text, or what somebody chose as "see also".

    ``content_id`` is where it stands. The target of a link or embed is an address, not a row: it may not exist yet
    (a wanted page), or not for this reader. That of "see also" is an item, whatever its address.
    """

    __tablename__ = "content_link"
    __table_args__ = (
        UniqueConstraint(
            "content_id", "kind", "target_space", "target_type", "target_slug", name="uq_content_link_target"
        ),
        Index("ix_content_link_target", "target_space", "target_type", "target_slug"),
    )

    id: Mapped[PrimaryKey]
    #: ``link``, ``embed`` or ``also``
    kind: Mapped[str] = mapped_column(default="link")
    #: order among the "see also" of an item
    position: Mapped[int] = mapped_column(default=0)
    #: of the space, as written; empty for "see also"
    target_space: Mapped[str]
    target_type: Mapped[str]
    #: of the item, as written; its uid for "see also"
    target_slug: Mapped[str]
    #: as written between the brackets: what a wanted page would be called
    target_title: Mapped[str]
    #: the item itself, for "see also"
    target_id: Mapped[int | None] = mapped_column(ForeignKey("content.id", ondelete="CASCADE"), index=True)


class ExternalLink(OfContent, Base):
    """A link in an item's text to a page elsewhere."""

    __tablename__ = "external_link"
    __table_args__ = (UniqueConstraint("content_id", "url"), Index("ix_external_link_url", "url"))

    id: Mapped[PrimaryKey]
    url: Mapped[str]
    host: Mapped[str]
    #: somebody looked and says that it is right, whatever the check says
    is_fine: Mapped[bool] = mapped_column(default=False)


class LinkCheck(Base):
    """What became of asking whether a page elsewhere is still there: once for each address, whoever links to it."""

    __tablename__ = "link_check"

    id: Mapped[PrimaryKey]
    url: Mapped[str] = mapped_column(unique=True)
    checked_at: Mapped[datetime]
    #: since when it does not answer as it should; none while it does
    broken_since: Mapped[datetime | None]
    #: what was wrong: ``404``, ``no-address``, ``timeout`` …
    problem: Mapped[str] = mapped_column(default="")


class ContentRedirect(OfContent, Base):
    """An address that an item had before it was renamed or moved."""

    __tablename__ = "content_redirect"
    __table_args__ = (UniqueConstraint("space_id", "type", "slug"),)

    id: Mapped[PrimaryKey]
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    type: Mapped[str]
    slug: Mapped[str]


class Attachment(OfContent, Base):
    """A file of an item. The bytes lie in the blob store under ``digest``; equal files are stored once."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("content_id", "name"),)

    id: Mapped[PrimaryKey]
    uid: Mapped[str] = mapped_column(unique=True, default=lambda: str(uuid4()))
    name: Mapped[str]
    #: what the bytes are, found by looking at them, never what the sender said
    media_type: Mapped[str]
    size: Mapped[int]
    #: SHA-256, hexadecimal
    digest: Mapped[str] = mapped_column(index=True, info=FILE_DIGEST)
    #: pixels; set for pictures that we re-encoded and may show in the page
    width: Mapped[int | None]
    height: Mapped[int | None]
    #: what the picture shows, for who does not see it; empty for decoration, none where nobody said
    alt: Mapped[str | None]
    #: the words in the file, for search
    text: Mapped[str] = mapped_column(default="")
    #: ``waiting``, ``done``, ``none`` (nothing to read in such a file), ``failed``, or ``refused``
    text_state: Mapped[str] = mapped_column(default="waiting")
    #: why it was refused: ``encrypted``, ``bomb``, ``too-large``
    text_reason: Mapped[str] = mapped_column(default="")
    #: ``clean``, ``waiting`` (the scanner was away), ``infected`` (nobody gets it), or ``off`` (none is configured)
    scan_state: Mapped[str] = mapped_column(default="off", index=True)
    #: what the scanner found
    scan_found: Mapped[str] = mapped_column(default="")
    #: 1 for what was added first
    version: Mapped[int] = mapped_column(default=1)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class ContentAudience(OfContent, Base):
    """A person or group for whom a restricted item is, or who writes a draft, beside its author and owner.

    They must see its space too. Somebody can be both: what they are to the draft ends when it is published.
    """

    __tablename__ = "content_audience"
    __table_args__ = tuple(
        Index(
            f"uq_content_audience_{name}{who}",
            "content_id",
            f"{who}_id",
            unique=True,
            sqlite_where=literal_column(f"level {sign} 'draft'"),
            postgresql_where=literal_column(f"level {sign} 'draft'"),
        )
        for who in ("user", "group")
        for name, sign in (("", "<>"), ("draft_", "="))
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), index=True)
    #: ``read``, or ``write`` for whoever may also change it where their role lets them write;
    #: ``draft`` for a co-writer, as long as it is a draft or waits for its moment
    level: Mapped[str] = mapped_column(default="read")
