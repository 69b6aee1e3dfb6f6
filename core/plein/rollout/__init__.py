"""Deciding who has which function: pages, steps and commands of the ladder, which itself is ``plein.ladder``."""

from datetime import timedelta

from pyramid.config import Configurator

from plein.contributions import Job, Permission
from plein.hookspecs import hookimpl
from plein.rollout import due
from plein.rollout.permissions import PERMISSIONS
from plein.web.i18n import _


@hookimpl
def register_permissions() -> list[Permission]:
    return list(PERMISSIONS)


@hookimpl
def register_jobs() -> list[Job]:
    return [Job("rollout.due", due.take_due, _("Take planned steps of functions"), every=timedelta(minutes=1))]


def includeme(config: Configurator) -> None:
    config.include("plein.rollout.routes")
    config.include("plein.rollout.packages")
