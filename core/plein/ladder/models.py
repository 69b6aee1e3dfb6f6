"""Tables of the ladder: where each plugin stands, for whom, what spaces chose, and each step with who, when and why."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plein.db import Base, PrimaryKey, utcnow

#: What a step is: it waits for its day; it was taken; it was taken back; it was called off before its day; its day
#: came, and it could not be taken any more.
STEP_STATES = ("planned", "done", "undone", "cancelled", "failed")


class Rollout(Base):
    """Where a plugin stands, and what was agreed on. A plugin without a row stands where the site's setting says.

    ``plugin`` is its name: rows stay while it is not installed.
    """

    __tablename__ = "rollout"

    plugin: Mapped[str] = mapped_column(primary_key=True)
    #: one of :data:`plein.ladder.rungs.STAGES`
    stage: Mapped[str]
    #: the stage that says who still reads it, while it is being retired; else empty
    reach: Mapped[str] = mapped_column(default="")
    purpose: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    #: what is measured, one of ``plein.rollout.measures``, and the number that makes it a success; may be empty
    measure: Mapped[str] = mapped_column(default="")
    target: Mapped[int | None]
    #: asked of whoever has it, so many days after they got it; may be empty
    question: Mapped[str] = mapped_column(default="")
    question_after: Mapped[int] = mapped_column(default=7)
    #: since when it stands where it stands
    since: Mapped[datetime] = mapped_column(default=utcnow)


class RolloutAudience(Base):
    """A group or a space that takes part in a pilot. Kept after it, so that a step can be taken back."""

    __tablename__ = "rollout_audience"
    __table_args__ = (
        CheckConstraint("(group_id IS NULL) <> (space_id IS NULL)", name="group_or_space"),
        UniqueConstraint("plugin", "group_id"),
        UniqueConstraint("plugin", "space_id"),
    )

    id: Mapped[PrimaryKey]
    plugin: Mapped[str]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), index=True)
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)


class RolloutChoice(Base):
    """What the managers of a space chose: to have a plugin that may be chosen, or to do without one that is on."""

    __tablename__ = "rollout_choice"

    plugin: Mapped[str] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    is_on: Mapped[bool]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    chosen_at: Mapped[datetime] = mapped_column(default=utcnow)

    __table_args__ = (Index("ix_rollout_choice_space_id", "space_id"),)


class RolloutStep(Base):
    """A step on the ladder: from what to what, who, when and why. One that waits has a moment at which it is due."""

    __tablename__ = "rollout_step"
    __table_args__ = (Index("ix_rollout_step_plugin", "plugin", "id"), Index("ix_rollout_step_due_at", "due_at"))

    id: Mapped[PrimaryKey]
    plugin: Mapped[str]
    #: one of :data:`STEP_STATES`
    state: Mapped[str] = mapped_column(default="done")
    #: the whole decisions, as :meth:`plein.ladder.changing.Decision.as_json` writes them; empty for "nobody decided"
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    #: why it could not be taken on its day, in words for administrators
    problem: Mapped[str] = mapped_column(default="")
    #: the step that this one took back
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("rollout_step.id", ondelete="SET NULL"))


class RolloutAnswer(Base):
    """What somebody thinks of a plugin that they try: a grade from 1 to 5, and words."""

    __tablename__ = "rollout_answer"
    __table_args__ = (
        UniqueConstraint("plugin", "user_id", "asked_since"),
        Index("ix_rollout_answer_plugin", "plugin", "answered_at"),
    )

    id: Mapped[PrimaryKey]
    plugin: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    #: empty where somebody would rather not say
    grade: Mapped[int | None]
    text: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: ``Rollout.since`` of when it was asked: everybody answers once each time
    asked_since: Mapped[datetime]
    #: when to ask again, for whoever said "later"; until then it is no answer
    again_at: Mapped[datetime | None]
