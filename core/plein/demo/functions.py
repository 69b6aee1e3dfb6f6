"""Everybody has every function in the demonstration: it shows what there is."""

from typing import TYPE_CHECKING

from plein.db import open_session
from plein.ladder.changing import Decision
from plein.rollout.board import undecided
from plein.rollout.steps import StepService

if TYPE_CHECKING:
    from plein.app import Site

REASON = "Voor de demonstratie: zo is er iets te zien."


def switch_on(site: "Site") -> list[str]:
    """Give everybody the functions that nobody decided about, with the reason; their names."""
    with open_session(site.engine, writes=True) as db, db.begin():
        names = undecided(db, site.plugins)
        for name in names:
            StepService(db, site.plugins, site.settings).take(name, Decision("on"), REASON)
    return names
