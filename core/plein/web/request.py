"""What every request carries: the viewer, a session that knows the viewer, settings and plugins."""

from typing import Any

import zope.sqlalchemy
from pyramid.config import Configurator
from sqlalchemy.orm import Session

from plein.db import open_session
from plein.plugins import Plugins
from plein.security.viewer import ANONYMOUS, Viewer
from plein.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def viewer(request: Any) -> Viewer:
    """Who asks. Found by what ``plein.people`` registered, so that this floor knows no table."""
    load = request.registry.get("plein.load_viewer")
    return load(request) if load is not None else ANONYMOUS


def db(request: Any) -> Session:
    """The session of this request, joined to its transaction: returning commits, raising rolls back."""
    writes = request.method not in SAFE_METHODS
    session = open_session(request.registry["plein.engine"], viewer=request.viewer, writes=writes)
    # "changed": a bulk statement alone must be committed too.
    zope.sqlalchemy.register(
        session, initial_state="changed" if writes else "active", transaction_manager=request.tm
    )
    return session


def plugins(request: Any) -> Plugins:
    found: Plugins = request.registry["plein.plugins"]
    return found


def settings(request: Any) -> Settings:
    found: Settings = request.registry["plein.settings"]
    return found


def includeme(config: Configurator) -> None:
    config.add_request_method(viewer, reify=True)
    config.add_request_method(db, reify=True)
    config.add_request_method(plugins, reify=True)
    config.add_request_method(settings, name="plein", reify=True)
