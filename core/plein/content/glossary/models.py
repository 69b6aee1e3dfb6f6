"""The table of the glossary."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, utcnow


class GlossaryTerm(Base):
    """A word or abbreviation of the organisation, with what it means."""

    __tablename__ = "glossary_term"
    __table_args__ = (Index("ix_glossary_term_sort_term", "sort_term", "id"),)

    id: Mapped[PrimaryKey]
    term: Mapped[str] = mapped_column(unique=True)
    #: ``term`` folded, so that both databases sort alike
    sort_term: Mapped[str]
    explanation: Mapped[str]
    #: other ways to write it
    synonyms: Mapped[list[str]] = mapped_column(default=list)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
