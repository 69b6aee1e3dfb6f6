"""All texts of a function that is being retired, of one space, to take along: a zip of Markdown, a file for each item.

Only what the viewer may read: the guard says so. Files of items are not in it: they are saved from the item itself.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import FileIter, Response
from pyramid.view import view_config
from sqlalchemy import select
from sqlalchemy.orm import Session

from plein.content.models import Content
from plein.ladder.keeping import types_of
from plein.spaces.contexts import SpaceContext
from plein.spaces.permissions import MANAGE

#: Items read at a time; and bytes kept in memory before they go to the disk.
_BATCH, _IN_MEMORY = 200, 2_000_000
_UNSAFE = re.compile(r"[^a-z0-9._-]+")


@view_config(route_name="rollout.pack", request_method="GET", permission=MANAGE)
def pack(context: SpaceContext, request: Request) -> Response:
    """The texts of a retiring function in this space, for its managers."""
    plugin = str(request.matchdict["name"])
    if not request.reach.is_retiring(plugin) or not request.reach.has(plugin, context.space.id):
        raise HTTPNotFound()
    file: Any = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the answer closes it when it is sent
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in _items(request.db, context.space.id, types_of(request.installed).get(plugin, ())):
            archive.writestr(file_name(item), text_of(item))
    size = file.tell()
    file.seek(0)
    answer = Response(content_type="application/zip", app_iter=FileIter(file))
    answer.content_length = size
    answer.content_disposition = f'attachment; filename="{_UNSAFE.sub("-", f"{context.space.slug}-{plugin}")}.zip"'
    return answer


def _items(db: Session, space_id: int, types: tuple[str, ...]) -> Iterator[Any]:
    """Items by number, a batch at a time."""
    columns = (Content.id, Content.type, Content.slug, Content.title, Content.tags, Content.body, Content.updated_at)
    last = 0
    while True:
        rows = db.execute(
            select(*columns)
            .where(
                Content.space_id == space_id,
                Content.type.in_(types),
                Content.state.in_(("published", "archived")),
                Content.id > last,
            )
            .order_by(Content.id)
            .limit(_BATCH)
        ).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        last = rows[-1].id


def file_name(item: Any) -> str:
    """Of the type and the address: both are words that a folder can be called."""
    return f"{_UNSAFE.sub('-', item.type)}/{_UNSAFE.sub('-', item.slug)}.md"


def text_of(item: Any) -> str:
    """The Markdown, below what else is known: values as JSON, which YAML reads as well."""
    facts = {"title": item.title, "tags": list(item.tags), "changed": item.updated_at.isoformat()}
    head = "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in facts.items())
    return f"---\n{head}\n---\n\n{item.body}\n"
