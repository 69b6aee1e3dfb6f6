"""Names of the people and groups that a text mentions, put in when it is read: kept HTML has only ``@login``.

Whoever is not there, no longer or never, stays as it was written. Guests get the names of those that they may meet.
"""

import re
from html import escape, unescape
from typing import Any

from pyramid.request import Request
from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from plein.people.models import Group, User
from plein.people.seeing import may_meet
from plein.security.viewer import Viewer
from plein.web.addresses import path_of

_MENTION = re.compile(r'<span class="mention">@([^<]+)</span>')
GROUP = "group:"


def name_people(request: Request, html: str) -> str:
    """*html* with a link for each mention of somebody that the viewer may meet. At most one statement."""
    if 'class="mention"' not in html:
        return html
    words = {unescape(word).lower() for word in _MENTION.findall(html)}
    names = _names(request.db, request.viewer, words)

    def link(match: re.Match[str]) -> str:
        word = unescape(match[1]).lower()
        name = names.get(word)
        if name is None:
            return f"@{match[1]}"
        if word.startswith(GROUP):
            address = path_of(request, "groups.show", group=word.removeprefix(GROUP))
        else:
            address = path_of(request, "people.show", login=word)
        return f'<a class="mention" href="{escape(address)}">@{escape(name)}</a>'

    return _MENTION.sub(link, html)


def _names(db: Session, viewer: Viewer, words: set[str]) -> dict[str, str]:
    """The name of each of *words* (logins, or ``group:slug``) that is somebody for *viewer*."""
    logins = [word for word in words if not word.startswith(GROUP)]
    people: Any = select(User.login.label("word"), User.name.label("name")).where(
        User.login.in_(logins), may_meet(User, viewer)
    )
    if viewer.kind == "person" and len(logins) < len(words):
        slugs = [word.removeprefix(GROUP) for word in words if word.startswith(GROUP)]
        groups = select(literal(GROUP).concat(Group.slug).label("word"), Group.name.label("name"))
        people = union_all(people, groups.where(Group.slug.in_(slugs)))
    return {row.word: row.name for row in db.execute(people)}
