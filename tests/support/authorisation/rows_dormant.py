"""Who gets in: items whose plugin is not installed. The world has a copy of each of its pages of such a type."""

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from authorisation.rules import ALL, Row, of_item
from plein.content.models import Content, ContentAudience, ContentRedirect
from plein.db import utcnow
from plein.ladder.changing import Decision, decide
from plein.plugins.known import KnownPlugin
from plein.search.index import index as index_item

#: What the plugin was called, and its type.
PLUGIN, TYPE_NAME, PATH = "gone", "gone.thing", "gone"

SPACE = {
    "GET": {
        "content.dormant_show": Row(of_item(*ALL), {"path": PATH}),
        "content.dormant_take": Row(of_item(*ALL), {"path": PATH}),
    },
}


def leave_behind(db: Session) -> None:
    """Let there have been a plugin, with an item like each that there is."""
    words = {"nl": "Ding", "en": "Thing"}
    kind = {"name": TYPE_NAME, "path": PATH, "title": words, "plural": words}
    known = {"distribution": "plein-gone", "version": "1.0", "tables": [], "seen_at": utcnow()}
    db.execute(insert(KnownPlugin), [{"name": PLUGIN, "types": [kind], **known}])
    decide(db, PLUGIN, Decision("on"))
    for row in _rows(db, Content):
        content_id = row.pop("id")
        copy = {**row, "uid": f"gone-{content_id}", "type": TYPE_NAME}
        made = db.execute(insert(Content.__table__).values(**copy)).inserted_primary_key[0]
        for model in (ContentAudience, ContentRedirect):
            for hanging in _rows(db, model, model.content_id == content_id):
                hanging |= {"content_id": made}
                hanging.pop("id")
                if "type" in hanging:
                    hanging["type"] = TYPE_NAME
                db.execute(insert(model.__table__).values(**hanging))
        index_item(db, db.get_one(Content, made))
    db.commit()


def _rows(db: Session, model: Any, *where: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in db.execute(select(*model.__table__.c).where(*where)).mappings()]
