"""What somebody looked after who left: all of it in a space to somebody else, or by itself to the space's managers."""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, insert, literal, select, update
from sqlalchemy.orm import Session

from plein.audit import ORIGIN, record
from plein.content.freshness.owners import Owner, People
from plein.content.models import Content, Transition
from plein.db import db_unguarded, utcnow
from plein.events import emit
from plein.jobs.context import JobContext
from plein.people.models import User

#: So long administrators have to choose somebody, before the managers of the space look after it.
WAIT = timedelta(days=14)
_SPACES = 100


def give_all(db: Session, user_id: int, space_id: int, to: Owner, *, actor_id: int | None, reason: str = "") -> int:
    """Have somebody else look after all that *user_id* looks after in a space. In a session that sees everything.

    A role gets no drafts and nothing that is for some people only: a role alone makes nobody see them, and without an
    owner perhaps nobody would. Those wait until a person is chosen.

    :return: how many items.
    """
    theirs = and_(Content.space_id == space_id, Content.owner_id == user_id)
    if to.role is not None:
        theirs = and_(theirs, Content.state.not_in(("draft", "scheduled")), Content.restricted.is_(False))
    columns = ("content_id", "action", "before", "after", "reason", "actor_id", "created_at")
    values = select(
        Content.id,
        literal("owner"),
        Content.state,
        Content.state,
        literal(reason),
        literal(actor_id, Transition.actor_id.type),
        literal(utcnow(), Transition.created_at.type),
    ).where(theirs)
    db.execute(insert(Transition).from_select(columns, values))
    done: Any = db.execute(
        update(Content).where(theirs).values(owner_id=to.user_id, owner_role=to.role),
        execution_options={"synchronize_session": False},
    )
    if done.rowcount:
        record(
            db,
            "ownership.handed_over",
            "user",
            user_id,
            space=space_id,
            successor=to.user_id if to.role is None else to.role,
            items=done.rowcount,
        )
    return int(done.rowcount)


def hand_over(context: JobContext) -> None:
    """The job ``freshness.handover``: what people looked after who left a while ago goes to the managers of its space.

    They are told once for each space. Drafts wait for an administrator.
    """
    with db_unguarded(
        context.site.engine, reason="what people looked after who left goes to managers", writes=True
    ) as db:
        db.info[ORIGIN] = "job"
        people = People(db)
        left = db.execute(
            select(Content.space_id, User.id, User.name)
            .join(User, User.id == Content.owner_id)
            .where(
                User.state == "left",
                User.left_at < utcnow() - WAIT,
                Content.state.not_in(("draft", "scheduled")),
                Content.restricted.is_(False),
            )
            .distinct()
            .order_by(Content.space_id, User.id)
            .limit(_SPACES)
        ).all()
        for space_id, user_id, name in left:
            number = give_all(db, user_id, space_id, Owner(role="manager"), actor_id=None)
            emit(
                db,
                "owner.left",
                space_id=space_id,
                addressed=people.managers(space_id),
                details={"name": name, "number": number},
                key=f"owner.left {user_id} {space_id} {utcnow():%Y-%m-%d}",
            )
