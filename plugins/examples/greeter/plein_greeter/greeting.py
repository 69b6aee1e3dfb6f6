"""Who is greeted, and who is new."""

from sqlalchemy import select

from plein.api import Content, Space, emit, members_of, names_of
from plein_greeter.models import First

#: Newcomers on Start.
SHOWN = 5


def is_known(db, space_id, user_id):
    """Whether somebody was greeted in a space, or need not be."""
    return db.get(First, (space_id, user_id)) is not None


def greet(context, space, person):
    """Job, as the person: tell the managers of the space of their first item, unless it is not the first, or is gone.

    A second time does no harm: who is known is passed over, and the event has a key.
    """
    with context.session() as db:
        mine = select(Content.id).where(Content.space_id == space, Content.author_id == person)
        items = db.scalars(mine.where(Content.state == "published").order_by(Content.id).limit(2)).all()
        if not items or is_known(db, space, person):
            return
        is_first = len(items) == 1
        db.add(First(space_id=space, user_id=person, content_id=items[0] if is_first else None))
        if is_first:
            managers = members_of(db, space, ("manager",))
            key = f"greeter.first {space} {person}"
            emit(db, "greeter.first", actor_id=person, content_id=items[0], addressed=managers, key=key)


def newcomers(db, *, since):
    """Who contributed for the first time since a moment, and where; only what the viewer may read."""
    columns = (First.user_id, Space.name.label("space"), Space.slug, First.at)
    found = select(*columns).select_from(First).join(Content, Content.id == First.content_id)
    found = found.join(Space, Space.id == Content.space_id).where(First.at > since, Content.state == "published")
    rows = db.execute(found.order_by(First.at.desc(), First.user_id).limit(SHOWN)).all()
    names = names_of(db, [row.user_id for row in rows])
    return [
        {"person": names[row.user_id], "space": row.space, "slug": row.slug} for row in rows if row.user_id in names
    ]
