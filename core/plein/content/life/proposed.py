"""Reading proposals: those of an item, one with what it would change, those of a person, and those that wait for them.

The guard narrows every statement here to what concerns the viewer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from plein.content.approving import BY, approver_roles
from plein.content.life.models import Proposal, ProposalComment
from plein.content.life.proposals import ProposalService
from plein.content.merge import Conflict, merge3
from plein.content.models import Content, PolicyValue
from plein.content.policies import Policies
from plein.content.visibility import APPROVER_ROLES
from plein.db import utcnow
from plein.people.models import User
from plein.security.viewer import Viewer
from plein.spaces.belonging import spaces_of, who_is
from plein.spaces.models import Space

PAGE = 30


def find(db: Session, item: Content, number: int) -> Proposal | None:
    """The proposal with this number, if it is one for *item*."""
    return db.scalars(select(Proposal).where(Proposal.id == number, Proposal.content_id == item.id)).one_or_none()


def of_item(db: Session, item: Content, before: int | None = None) -> tuple[Sequence[Any], int | None]:
    """Proposals for *item*, newest first, and the number to go on before."""
    author, decider = aliased(User), aliased(User)
    query = (
        select(
            Proposal.id,
            Proposal.kind,
            Proposal.state,
            Proposal.note,
            Proposal.updated_at,
            Proposal.decided_at,
            Proposal.reason,
            author.name.label("author"),
            decider.name.label("decided_by"),
        )
        .outerjoin(author, author.id == Proposal.author_id)
        .outerjoin(decider, decider.id == Proposal.decided_by_id)
        .where(Proposal.content_id == item.id)
        .order_by(Proposal.id.desc())
    )
    if before is not None:
        query = query.where(Proposal.id < before)
    rows = db.execute(query.limit(PAGE + 1)).all()
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


@dataclass(frozen=True, slots=True)
class Looked:
    """What would become of an item, or became of it.

    :param now: the text that it is compared with; *text* is what it would be.
    :param conflicts: where it does not go together with what was changed since.
    """

    title_now: str
    title: str
    now: str
    text: str
    conflicts: tuple[Conflict, ...] = ()


def look(service: ProposalService, item: Content, proposal: Proposal) -> Looked:
    """What approving *proposal* would change in the item as it is now; or what it was to change, when it is decided."""
    if proposal.kind == "publish":
        return Looked("", item.title, "", item.body)
    base = service.service.revision(item, proposal.base_version)
    base_title, base_body = (base.title, base.body) if base is not None else (item.title, item.body)
    if proposal.state != "open":
        return Looked(base_title, proposal.title, base_body, proposal.body)
    merge = merge3(base_body, proposal.body, item.body)
    title = item.title if proposal.title == base_title else proposal.title
    return Looked(item.title, title, item.body, merge.text, tuple(merge.conflicts))


def opened(service: ProposalService, item: Content) -> dict[str, Any]:
    """What the form to suggest a change opens with: the viewer's own text that waits, on the item as it is now."""
    mine = service.mine(item)
    if mine is None or mine.kind != "change":
        text = {"title": item.title, "body": item.body, "tags": ", ".join(item.tags), "note": ""}
        return {**text, "base_version": item.version}
    looked = look(service, item, mine)
    return {
        "title": looked.title,
        "body": looked.text,
        "tags": ", ".join(mine.tags),
        "note": mine.note,
        "base_version": item.version,
        "clashes": looked.conflicts,
        **{
            name: "" if value in (None, False) else "1" if value is True else str(value)
            for name, value in mine.fields.items()
        },
    }


def people(db: Session, proposal: Proposal) -> dict[int, Any]:
    """Who has to do with it, by number: id, name, login."""
    ids = {proposal.author_id, proposal.reviewer_id, proposal.decided_by_id} - {None}
    return {row.id: row for row in db.execute(select(User.id, User.name, User.login).where(User.id.in_(ids)))}


def comments(db: Session, proposal: Proposal, size: int = 200) -> Sequence[Any]:
    """What was said about it, oldest first."""
    return db.execute(
        select(ProposalComment.id, ProposalComment.text, ProposalComment.created_at, User.id, User.name, User.login)
        .outerjoin(User, User.id == ProposalComment.author_id)
        .where(ProposalComment.proposal_id == proposal.id)
        .order_by(ProposalComment.id)
        .limit(size)
    ).all()


# -- of a person ---------------------------------------------------------------------------------------------------

_LISTED = (
    Proposal.id,
    Proposal.kind,
    Proposal.state,
    Proposal.note,
    Proposal.reason,
    Proposal.updated_at,
    Content.type,
    Content.slug,
    Content.title,
    Space.slug.label("space"),
    Space.name.label("space_name"),
)


def waiting_for(db: Session, viewer: Viewer, size: int = PAGE) -> list[Any]:
    """What waits for the approval of *viewer*, longest first. One statement; one more where something waits."""
    who = who_is(viewer, utcnow())
    query = (
        select(
            *_LISTED,
            Content.space_id,
            Proposal.reviewer_id,
            User.name.label("author"),
            Content.space_id.in_(spaces_of(who, ("manager",))).label("manages"),
        )
        .join(Content, Content.id == Proposal.content_id)
        .join(Space, Space.id == Content.space_id)
        .outerjoin(User, User.id == Proposal.author_id)
        .where(
            Proposal.state == "open",
            or_(Proposal.author_id.is_(None), Proposal.author_id != viewer.user_id),
            Content.space_id.in_(spaces_of(who, APPROVER_ROLES)),
            Content.state.in_(["draft", "published", "archived"]),
            Space.archived_at.is_(None),
        )
        .order_by(Proposal.updated_at, Proposal.id)
        .limit(size)
    )
    rows = db.execute(query).all()
    return [row for row in rows if _is_for(row, _decided(db))] if rows else []


def _is_for(row: Any, decided: dict[tuple[str, int | None], Any]) -> bool:
    site, space = decided.get((row.type, None)), decided.get((row.type, row.space_id))
    values = [{BY.name: value} if value is not None else {} for value in (site, space)]
    return bool(row.manages) or "editor" in approver_roles(Policies(*values))


def _decided(db: Session) -> dict[tuple[str, int | None], Any]:
    """Who approves, as it was decided anywhere: by type and space."""
    rows = db.execute(
        select(PolicyValue.type, PolicyValue.space_id, PolicyValue.value).where(PolicyValue.name == BY.name)
    )
    return {(row.type, row.space_id): row.value for row in rows}


def of_person(db: Session, user_id: int | None, before: int | None = None) -> tuple[Sequence[Any], int | None]:
    """What somebody proposed, last sent first, and the number to go on before."""
    query = (
        select(*_LISTED)
        .join(Content, Content.id == Proposal.content_id)
        .join(Space, Space.id == Content.space_id)
        .where(Proposal.author_id == user_id, Content.state != "trashed")
        .order_by(Proposal.id.desc())
    )
    if before is not None:
        query = query.where(Proposal.id < before)
    rows = db.execute(query.limit(PAGE + 1)).all()
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def drafts(db: Session, user_id: int | None, before: int | None = None) -> tuple[Sequence[Any], int | None]:
    """What somebody wrote or owns that is not published yet, newest first, and the number to go on before."""
    query = (
        select(
            Content.id,
            Content.type,
            Content.slug,
            Content.title,
            Content.state,
            Content.publish_at,
            Content.open_proposals,
            Content.updated_at,
            Space.slug.label("space"),
            Space.name.label("space_name"),
        )
        .join(Space, Space.id == Content.space_id)
        .where(
            Content.state.in_(["draft", "scheduled"]), or_(Content.author_id == user_id, Content.owner_id == user_id)
        )
        .order_by(Content.id.desc())
    )
    if before is not None:
        query = query.where(Content.id < before)
    rows = db.execute(query.limit(PAGE + 1)).all()
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None
