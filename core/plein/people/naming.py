"""Several people and groups in one field: what a picker sends, or somebody types with commas in between."""

from sqlalchemy.orm import Session

from plein.people.finding import NoSuchPerson, find_group, find_person
from plein.security.viewer import Viewer
from plein.web.i18n import _

#: More names than this are a group that nobody made yet.
MOST = 100


def find_people_and_groups(db: Session, viewer: Viewer, text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Who is meant by *text*: logins, whole names and ``group:slug``, with commas between them.

    :return: ids of people and ids of groups, each once.
    :raises NoSuchPerson: for the first that is nobody, or more than one; and for none at all, or too many.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise NoSuchPerson(_("Say whom you mean."))
    if len(parts) > MOST:
        raise NoSuchPerson(_("These are very many names. Make a group of them first."))
    groups = {find_group(db, viewer, part).id: None for part in parts if part.startswith("group:")}
    people = {find_person(db, viewer, part).id: None for part in parts if not part.startswith("group:")}
    return tuple(people), tuple(groups)
