"""The table of links: what an item has beside what every item has."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from plein.api import Content


class Link(Content):
    __tablename__ = "links_link"
    __mapper_args__ = {"polymorphic_identity": "links.link"}

    id: Mapped[int] = mapped_column(ForeignKey("content.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="")
    recommended: Mapped[bool] = mapped_column(default=False)
