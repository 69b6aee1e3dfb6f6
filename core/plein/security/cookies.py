"""The names and flags of our cookies, in one place, so that what sets a cookie and what reads it agree."""

from typing import Any

from pyramid.response import Response

from plein.security.host import is_https


def cookie_name(registry: Any, name: str) -> str:
    """*name*, with the prefix ``__Host-`` behind TLS: then no other host or path can have set it."""
    return f"__Host-{name}" if is_https(registry) else name


def session_cookie(registry: Any) -> str:
    """The name of the cookie that carries the sign-in session."""
    return cookie_name(registry, "plein")


def set_cookie(response: Response, registry: Any, name: str, value: str, *, max_age: int | None = None) -> None:
    """Set the cookie *name* (already prefixed): HttpOnly, SameSite=Lax, Path=/, Secure behind TLS.

    :param max_age: seconds; without it the cookie goes when the browser closes.
    """
    response.set_cookie(
        name, value, max_age=max_age, path="/", httponly=True, samesite="Lax", secure=is_https(registry)
    )


def drop_cookie(response: Response, registry: Any, name: str) -> None:
    """Have the browser forget the cookie *name*. The flags must be there, or ``__Host-`` cookies stay."""
    response.set_cookie(name, "", max_age=0, path="/", httponly=True, samesite="Lax", secure=is_https(registry))
