"""The roll-out ladder: which installed plugin is there for whom, and where. Deciding it is ``plein.rollout``.

What is decided are rows; each process keeps them as one :class:`Ladder`. A viewer carries that of its request, and it
is asked in three places: the guard (what is stored), a view deriver (pages) and a filter (hooks, types, jobs).
"""

from pyramid.config import Configurator

from plein.contributions import PersonalData, Setting
from plein.hookspecs import hookimpl
from plein.ladder.keeping import Ladders, ladder_of
from plein.ladder.personal import PERSONAL_DATA
from plein.ladder.reach import Reach
from plein.ladder.rungs import OPEN, STAGES, Ladder, Rung

__all__ = ["OPEN", "STAGES", "Ladder", "Ladders", "Reach", "Rung", "ladder_of"]


@hookimpl
def register_settings() -> list[Setting]:
    return [
        Setting(
            "plein.new_plugins",
            str,
            "off",
            "Who has a plugin that nobody has decided about yet: off is nobody, on is everybody.",
            choices=("off", "on"),
        )
    ]


@hookimpl
def register_personal_data() -> list[PersonalData]:
    return PERSONAL_DATA


def includeme(config: Configurator) -> None:
    config.include("plein.ladder.pages")
