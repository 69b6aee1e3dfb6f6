"""Rate limits: how often somebody may do something, counted in the database so that every process counts the same.

A window has a fixed start (a multiple of its length), which makes a hit one UPSERT. See ADR 0002.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_network
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPTooManyRequests
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from plein.db.aside import aside
from plein.db.engine import WRITES
from plein.security.csrf import SAFE_METHODS
from plein.security.models import RateCounter
from plein.web.i18n import _

log = structlog.get_logger(__name__)

Handler = Callable[[Request], Response]

#: Rows older than this, in seconds, are thrown away; no window is longer.
KEEP_SECONDS = 2 * 86_400
PURGE_EVERY_SECONDS = 600

#: How long a count may wait for a lock where failing open is harmless.
_PATIENCE_MS = 250


class BusyError(RuntimeError):
    """So much goes on at once that waiting longer makes no sense; becomes the page 503."""


@dataclass(frozen=True, slots=True)
class Limit:
    """*hits* in *seconds*; 0 hits means no limit."""

    hits: int
    seconds: int


class RateLimiter:
    """Counts hits per key and window. Made once per application."""

    def __init__(self, engine: Engine, limits: dict[str, Limit], clock: Callable[[], float] = time.time) -> None:
        self.engine = engine
        self.limits = limits
        self._clock = clock
        self._purged = 0.0

    def hit(self, purpose: str, key: str, *, factor: int = 1, strict: bool = True) -> int:
        """Count one and say how many seconds to wait; 0 when it is within the limit.

        :param factor: how many times the limit this key may use (an address stands for many people).
        :param strict: wait for the database as long as it takes; otherwise let through when it is busy.
        """
        limit = self.limits[purpose]
        if not limit.hits:
            return 0
        now = self._clock()
        window = _start(now, limit)
        try:
            hits = self._count(f"{purpose}:{key}", window, now, strict=strict)
        except OperationalError:
            if strict:
                raise
            log.warning("limits.not_counted", purpose=purpose)
            return 0
        return _wait(hits > limit.hits * factor, window, limit, now)

    def look(self, purpose: str, key: str, *, factor: int = 1) -> int:
        """The seconds to wait before one more, without counting it."""
        limit = self.limits[purpose]
        if not limit.hits:
            return 0
        now = self._clock()
        window = _start(now, limit)
        found = select(RateCounter.hits).where(RateCounter.key == f"{purpose}:{key}", RateCounter.window == window)
        with self.engine.connect() as connection:
            hits = connection.execute(found).scalar() or 0
        return _wait(hits >= limit.hits * factor, window, limit, now)

    def forget(self, purpose: str, key: str) -> None:
        """Start again from nothing for *key*: after the right password, say."""
        with aside(self.engine) as connection:
            connection.execute(delete(RateCounter).where(RateCounter.key == f"{purpose}:{key}"))

    def give_back(self, purpose: str, key: str) -> None:
        """Take one hit off what *key* counts: it turned out not to be one that is limited."""
        if not self.limits[purpose].hits:
            return
        window = _start(self._clock(), self.limits[purpose])
        mine = (RateCounter.key == f"{purpose}:{key}", RateCounter.window == window, RateCounter.hits > 0)
        with aside(self.engine) as connection:
            connection.execute(update(RateCounter).where(*mine).values(hits=RateCounter.hits - 1))

    def _count(self, key: str, window: int, now: float, *, strict: bool) -> int:
        counted = _counted(self.engine.dialect.name)
        with aside(self.engine, **({} if strict else {"wait_ms": _PATIENCE_MS})) as connection:
            hits = connection.execute(counted, {"key": key, "window": window, "hits": 1}).scalar_one()
            if now - self._purged > PURGE_EVERY_SECONDS:
                self._purged = now
                connection.execute(delete(RateCounter).where(RateCounter.window < int(now) - KEEP_SECONDS))
        return int(hits)


@cache
def _counted(dialect: str) -> Any:
    # Kept: making a statement takes longer than running it.
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    one_more = {"hits": RateCounter.hits + 1}
    return (
        insert(RateCounter)
        .on_conflict_do_update(index_elements=["key", "window"], set_=one_more)
        .returning(RateCounter.hits)
    )


def _start(now: float, limit: Limit) -> int:
    return int(now) // limit.seconds * limit.seconds


def _wait(exceeded: bool, window: int, limit: Limit, now: float) -> int:
    return max(1, math.ceil(window + limit.seconds - now)) if exceeded else 0


def limiter(request: Request) -> RateLimiter:
    found: RateLimiter = request.registry["plein.limiter"]
    return found


def refuse(seconds: int) -> HTTPTooManyRequests:
    """The answer 429 that says when to come back.

    :param seconds: how long to wait.
    """
    minutes = max(1, math.ceil(seconds / 60))
    error = HTTPTooManyRequests(
        _("That was very often in a short time. Try again in ${minutes} min.", mapping={"minutes": minutes})
    )
    error.headers["Retry-After"] = str(seconds)
    return error


def who(request: Request) -> str:
    """The key of whoever asks: the account, or the address (an IPv6 network of /64 is one place)."""
    if request.viewer.is_signed_in:
        return f"user {request.viewer.user_id}"
    return place(request)


def place(request: Request) -> str:
    address: str = request.address
    if ":" in address:
        address = str(ip_network(f"{address.partition('%')[0]}/64", strict=False))
    return f"address {address}"


def limit(request: Request, purpose: str, key: str | None = None, *, factor: int = 1, strict: bool = False) -> None:
    """Count one *purpose* (``search``, ``upload``, ``write``, ``sign_in``, ``reset``) for *key*.

    May be called anywhere in a view. Where the request's own transaction already holds SQLite's one write lock, it
    looks now and counts when the request has ended.

    :param key: what is counted; by default the viewer, or the address of whoever has not signed in.
    :raises HTTPTooManyRequests: with ``Retry-After``, when the limit is used up.
    """
    rates = limiter(request)
    counted = who(request) if key is None else key
    if _holds_write_lock(request):
        request.add_finished_callback(lambda _request: rates.hit(purpose, counted, factor=factor, strict=False))
        seconds = rates.look(purpose, counted, factor=factor)
    else:
        seconds = rates.hit(purpose, counted, factor=factor, strict=strict)
    if seconds:
        log.warning("limits.exceeded", purpose=purpose, key=counted)
        raise refuse(seconds)


def _holds_write_lock(request: Request) -> bool:
    session = request.__dict__.get("db")
    if session is None or not session.in_transaction():
        return False
    bind = session.get_bind()
    return bind.dialect.name == "sqlite" and bool(bind.get_execution_options().get(WRITES))


def limits_tween_factory(handler: Handler, registry: Any) -> Handler:
    """Everything that may change something is counted before the request's transaction begins."""

    def limits_tween(request: Request) -> Response:
        if request.method not in SAFE_METHODS:
            limit(request, "write", factor=1 if request.viewer.is_signed_in else 5)
        return handler(request)

    return limits_tween


def _make(registry: Any) -> RateLimiter:
    settings = registry["plein.settings"]
    return RateLimiter(
        registry["plein.engine"],
        {
            "sign_in": Limit(settings["plein.sign_in_limit"], 300),
            "second_factor": Limit(settings["plein.second_factor_limit"], 300),
            "second_factor_day": Limit(settings["plein.second_factor_day_limit"], 86_400),
            "write": Limit(settings["plein.write_limit"], 60),
            "search": Limit(settings["plein.search_limit"], 60),
            "upload": Limit(settings["plein.upload_limit"], 3600),
            "reset": Limit(settings["plein.reset_limit"], 86_400),
            "report": Limit(settings["plein.report_limit"], 3600),
            "invitation": Limit(settings["plein.invitation_limit"], 3600),
            "forged_header": Limit(10, 300),
        },
    )


def includeme(config: Configurator) -> None:
    config.remember("plein.limiter", _make)
    config.add_tween(
        "plein.security.limits.limits_tween_factory",
        under="plein.security.host.host_tween_factory",
        over=["pyramid_tm.tm_tween_factory", EXCVIEW],
    )
