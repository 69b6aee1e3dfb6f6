"""What every request carries: the viewer, a session that knows the viewer, settings and plugins."""

from typing import Any

from pyramid.config import Configurator
from sqlalchemy import event
from sqlalchemy.orm import Session
from zope.sqlalchemy import ZopeTransactionEvents

from plein.adjusting.keeping import LiveSettings
from plein.audit import ORIGIN
from plein.db import open_session
from plein.plugins import Plugins
from plein.security.viewer import ANONYMOUS, Viewer
from plein.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def viewer(request: Any) -> Viewer:
    """Who asks. Found by what ``plein.people`` registered, so that this floor knows no table."""
    load = request.registry.get("plein.load_viewer")
    found: Viewer = load(request) if load is not None else ANONYMOUS
    # Where plugins stand is of a floor above this one too.
    ladders = request.registry.get("plein.ladders")
    return found if ladders is None else ladders.complete(found)


#: What ``zope.sqlalchemy.register`` listens to. It does so for each session anew, which costs as much as a statement;
#: here all sessions are listened to, and those of requests know their transaction.
EVENTS = (
    "after_begin",
    "after_attach",
    "after_flush",
    "after_bulk_update",
    "after_bulk_delete",
    "before_commit",
    "do_orm_execute",
)
_TRANSACTION = "transaction_events"

#: In the environment: this request writes, whatever its method.
WRITES = "plein.writes"


def _listen(name: str) -> None:
    @event.listens_for(Session, name)
    def tell(about: Any, *more: Any) -> None:
        session = about if isinstance(about, Session) else about.session
        joined = session.info.get(_TRANSACTION)
        if joined is not None:
            getattr(joined, name)(about, *more)


for _name in EVENTS:
    _listen(_name)


def begin_writing(request: Any) -> None:
    """Let this request write although it is a GET: only for coming back from a provider, signed in.

    :raises RuntimeError: when the request's session is in use; it cannot become another one.
    """
    if request.method in SAFE_METHODS and WRITES not in request.environ:
        if "db" in vars(request):
            raise RuntimeError("sign in before request.db is used: on a GET it is for reading")
        request.environ[WRITES] = True


#: In the environment: this request looks first, and writes after work that takes long.
_LOOKS = "plein.looks_first"


def look_first(request: Any) -> None:
    """Let this request, which will write, begin by reading: no lock is held while it does work that takes long.

    For a route factory; its view calls :func:`write_now` when that work is done.
    """
    if request.method not in SAFE_METHODS:
        request.environ[_LOOKS] = True


def write_now(request: Any) -> None:
    """From here on ``request.db`` writes. It is another session: whatever was read before is to be read anew."""
    looking = vars(request).pop("db", None)
    if looking is not None:
        looking.close()
    request.environ.pop(_LOOKS, None)


def db(request: Any) -> Session:
    """The session of this request, joined to its transaction: returning commits, raising rolls back."""
    if _LOOKS in request.environ:
        looking = open_session(request.registry["plein.engine"], viewer=request.viewer)
        request.add_finished_callback(lambda _request: looking.close())
        return looking
    writes = request.method not in SAFE_METHODS or WRITES in request.environ
    session = open_session(request.registry["plein.engine"], viewer=request.viewer, writes=writes)
    # "changed": a bulk statement alone must be committed too.
    session.info[ORIGIN] = request.address
    session.info[_TRANSACTION] = ZopeTransactionEvents("changed" if writes else "active", request.tm)
    return session


def plugins(request: Any) -> Plugins:
    """The plugins, without the content types of those that the viewer has nowhere."""
    return installed(request).without(request.reach.missing)


def installed(request: Any) -> Plugins:
    """All plugins of the site, whoever has them: for pages of administration."""
    found: Plugins = request.registry["plein.plugins"]
    return found


def settings(request: Any) -> Settings:
    """The settings in force: also what administrators changed on a page, as the viewer's number says."""
    found: Settings = request.registry["plein.settings"]
    return found.at(lambda: _number(request)) if isinstance(found, LiveSettings) else found


def _number(request: Any) -> int:
    """The number of the last change, as it came with the viewer. Asked only for what may be changed on a page: finding
    out who the viewer is takes settings as well.
    """
    who: Viewer = request.viewer
    return who.rights if who.ladder is None else int(who.ladder.number)


def includeme(config: Configurator) -> None:
    config.add_request_method(viewer, reify=True)
    config.add_request_method(db, reify=True)
    config.add_request_method(plugins, reify=True)
    config.add_request_method(installed, reify=True)
    config.add_request_method(settings, name="plein", reify=True)
