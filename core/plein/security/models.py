"""The table of rate limits."""

from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base


class RateCounter(Base):
    """How often something happened in a window: kept here so that every process counts the same."""

    __tablename__ = "rate_counter"

    #: purpose, and account or address
    key: Mapped[str] = mapped_column(primary_key=True)
    #: start of the window, in seconds since 1970
    window: Mapped[int] = mapped_column(primary_key=True)
    hits: Mapped[int] = mapped_column(default=0)
