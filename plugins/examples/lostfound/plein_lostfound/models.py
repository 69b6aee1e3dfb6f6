"""The table of lostfound: what a found thing has beside what every item has."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from plein.api import Content


class FoundThing(Content):
    __tablename__ = "lostfound_item"
    __mapper_args__ = {"polymorphic_identity": "lostfound.item"}

    id: Mapped[int] = mapped_column(ForeignKey("content.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(default="")
    day: Mapped[date | None]
    #: whose it is, by their own word
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    claimed_at: Mapped[datetime | None]
