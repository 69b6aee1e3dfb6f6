"""The picture of an item: the first one among its files, for cards and for the top of its page."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyramid.request import Request
from sqlalchemy import select

from plein.content.files.references import WIDTHS
from plein.content.models import Attachment


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in a page: ``<img src="${picture.url}" alt="${picture.alt}" width=… height=…>``.

    :param url: of the size that fits a card; ``full`` of the picture itself.
    :param alt: what is on it, in the words of who added it; empty where nobody said so.
    """

    url: str
    full: str
    alt: str
    width: int
    height: int


def pictures_of(request: Request, ids: Iterable[int]) -> dict[int, Picture]:
    """The picture of each of these items that has one, by the item's id, in one statement.

    Of items that the viewer may not see there is none, and of a file that was found infected neither.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    columns = (Attachment.content_id, Attachment.uid, Attachment.name, Attachment.alt, Attachment.width)
    rows = request.db.execute(
        select(*columns, Attachment.height)
        .where(Attachment.content_id.in_(wanted), Attachment.width.is_not(None), Attachment.scan_state != "infected")
        .order_by(Attachment.id)
    ).all()
    found: dict[int, Picture] = {}
    for row in rows:
        if row.content_id not in found:
            found[row.content_id] = _picture(request, row.uid, row.name, row.alt or "", row.width, row.height or 1)
    return found


def _picture(request: Request, uid: str, name: str, alt: str, width: int, height: int) -> Picture:
    full = request.route_path("attachment", uid=uid, name=name)
    if width <= WIDTHS[0]:
        return Picture(full, full, alt, width, height)
    smaller = request.route_path("attachment.size", uid=uid, width=WIDTHS[0], name=name)
    return Picture(smaller, full, alt, WIDTHS[0], round(height * WIDTHS[0] / width))
