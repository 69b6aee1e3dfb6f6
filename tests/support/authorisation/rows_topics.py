"""Who gets in: tags and relations."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from authorisation.rules import ALL, COMMON, WRITERS, Row, admin, of_item, roles, signed_in
from plein.content.tag_models import Tag, Vocabulary


def known_to_keepers(viewer: str, access: str) -> str:
    """A tag that no item has: only who keeps tags is told that there is one."""
    return {"anonymous": "sign-in", "admin": "in"}.get(viewer, "none")


def no_link(viewer: str, access: str) -> str:
    """A link that is not there, which who may read in the space is told."""
    answer = roles(*ALL)(viewer, access)
    return "none" if answer == "in" else answer


def prepare(db: Session, people: dict[str, Any], space: Any) -> dict[str, str]:
    """Tags that no item has, one of them merged into another, and a list that holds nowhere; once."""
    if db.scalar(select(Tag.id).where(Tag.slug == "ongebruikt")) is None:
        tag = Tag(name="Ongebruikt", slug="ongebruikt", folded="ongebruikt")
        other = Tag(name="Ander", slug="ander", folded="ander")
        db.add_all([Vocabulary(name="Lijst", spaces=["nowhere"]), tag, other])
        db.flush()
        db.add(Tag(name="Vroeger", slug="vroeger", folded="vroeger", merged_into_id=other.id))
        db.flush()
    ids = {slug: str(number) for slug, number in db.execute(select(Tag.slug, Tag.id))}
    listed = str(db.scalar(select(Vocabulary.id)))
    return {"tag": ids["ongebruikt"], "merged_tag": ids["vroeger"], "tag_list": listed}


SITE = {
    "GET": {
        "relations.suggest": Row(signed_in, query={"q": COMMON}),
        "tags.list": Row(signed_in),
        "tags.suggest": Row(signed_in, query={"q": COMMON}),
        "tags.show": Row(known_to_keepers, {"slug": "ongebruikt"}),
        "tags.word": Row(known_to_keepers, query={"word": "Ongebruikt"}),
        "admin.tags": Row(admin),
        "admin.tags.new": Row(admin),
        "admin.tags.list": Row(admin, {"id": "{tag_list}"}),
        "admin.tags.edit": Row(admin, {"id": "{tag}"}),
    },
    "POST": {
        "admin.tags.new": Row(admin),
        "admin.tags.list": Row(admin, {"id": "{tag_list}"}),
        "admin.tags.remove": Row(admin, {"id": "{tag_list}"}),
        "admin.tags.edit": Row(admin, {"id": "{tag}"}),
        "admin.tags.merge": Row(admin, {"id": "{tag}"}, form={"into": "Ander"}),
        "admin.tags.unmerge": Row(admin, {"id": "{merged_tag}"}),
        "admin.tags.delete": Row(admin, {"id": "{tag}"}),
    },
}
SPACE = {
    "GET": {"space.broken": Row(roles(*ALL))},
    "POST": {"space.broken": Row(no_link)},
}

#: Pages of every item.
TYPE = {
    "GET": {"also": Row(of_item(*WRITERS))},
    "POST": {"also": Row(of_item(*WRITERS), form={"item": "/spaces/open/wiki/archived"})},
}
