"""The table of settings that were chosen on a page."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, utcnow
from plein.db.types import JSONValue


class SettingValue(Base):
    """What was chosen for one setting. Rows of plugins that are not installed stay, unread."""

    __tablename__ = "setting_value"

    name: Mapped[str] = mapped_column(primary_key=True)
    #: true, a number, a text, or a list of words
    value: Mapped[Any] = mapped_column(JSONValue)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    changed_at: Mapped[datetime] = mapped_column(default=utcnow)
