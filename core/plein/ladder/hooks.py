"""The ladder in front of hooks: one filter that says whether a plugin is called for whoever looks, where they look."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from plein.db.session import VIEWER
from plein.hookspecs import Hook
from plein.ladder.pages import place_of
from plein.ladder.reach import Reach

_REACH = "reach"

#: Asked of every plugin that is installed, whoever has it: what is kept about people is theirs also where it is hidden.
ALWAYS = ("on_user_erased", "on_user_exported")


def hook_filter(is_off: Callable[[str], bool]) -> Callable[[str, Hook, Mapping[str, Any]], bool]:
    """What :attr:`plein.plugins.Plugins.is_there` asks: whether *plugin* is called with these arguments."""

    def is_there(plugin: str, hook: Hook, arguments: Mapping[str, Any]) -> bool:
        if hook.kind == "declare" or hook.name in ALWAYS:
            return True
        request, db = arguments.get("request"), arguments.get("db")
        if request is not None:
            found: Reach = request.reach
        elif isinstance(db, Session) and db.info.get(VIEWER) is not None:
            found = _reach_of(db)
        else:
            return not is_off(plugin)
        return found.has(plugin, _place(arguments))

    return is_there


def _reach_of(db: Session) -> Reach:
    kept = db.info.get(_REACH)
    if kept is None or kept.viewer is not db.info[VIEWER]:
        kept = db.info[_REACH] = Reach(db.info[VIEWER], lambda: db)
    return kept


def _place(arguments: Mapping[str, Any]) -> int | None:
    """The space that a hook is called about: that of a page's context, of an item, or of what changed."""
    if "context" in arguments:
        return place_of(arguments["context"])
    item = arguments.get("item", getattr(arguments.get("change"), "item", None))
    return getattr(item, "space_id", None)
