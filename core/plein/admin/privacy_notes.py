"""What an administrator should know of the data of people: requests without an answer, erasures that are not whole."""

from collections.abc import Iterator

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from plein.admin.notes import Attention
from plein.privacy.models import Erasure, PrivacyRequest
from plein.web.i18n import _


def of_privacy(db: Session) -> Iterator[Attention]:
    """Open requests, and plugins that could not take part in an erasure. One statement."""
    asked = select(func.count(PrivacyRequest.id)).where(PrivacyRequest.closed_at.is_(None)).scalar_subquery()
    partly = select(func.count(Erasure.id)).where(cast(Erasure.missing, String) != "[]").scalar_subquery()
    waiting, missing = db.execute(select(asked, partly)).one()
    if waiting:
        yield Attention(
            "warning",
            _("Requests about personal data wait for an answer: ${count}", mapping={"count": waiting}),
            _("Answer within a month: the law asks for it."),
            "admin.privacy",
        )
    if missing:
        yield Attention(
            "warning",
            _("Erasures that a plugin could not take part in: ${count}", mapping={"count": missing}),
            _("See in the log why, and run plein privacy replay on the server."),
            "admin.privacy",
        )
