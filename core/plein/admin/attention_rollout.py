"""What needs attention about functions: nobody decided, a pilot is over, or a planned step could not be taken."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from plein.admin.notes import Attention
from plein.plugins import Plugins
from plein.rollout.board import failed, over, undecided
from plein.rollout.titles import titles
from plein.web.i18n import _

_PAGE = "admin.functions"


def of_rollout(db: Session, settings: Mapping[str, Any], plugins: Plugins) -> Iterator[Attention]:
    """Three statements."""
    known = titles(plugins)

    def named(names: list[str]) -> str:
        return ", ".join(known.get(name, name) for name in names)

    ended, nobody, not_taken = over(db, settings), undecided(db, plugins), failed(db)
    if ended:
        yield Attention(
            "warning",
            _("The time of these functions is over: ${names}", mapping={"names": named(ended)}),
            _("Decide how each goes on. Until then nothing changes."),
            _PAGE,
        )
    if not_taken:
        yield Attention(
            "warning",
            _("A planned step could not be taken with: ${names}", mapping={"names": named(not_taken)}),
            _("See why, and plan it anew."),
            _PAGE,
        )
    if nobody:
        yield Attention(
            "note",
            _("Nobody decided yet who has: ${names}", mapping={"names": named(nobody)}),
            _("Decide who gets them, or that nobody does."),
            _PAGE,
        )
