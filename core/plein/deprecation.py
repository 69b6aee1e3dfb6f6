"""Every deprecation goes through here, so that plugin makers hear of all of them in one way, a version ahead."""

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class PleinDeprecationWarning(DeprecationWarning):
    """Something in ``plein.api`` goes away with the next major version."""


def deprecated(instead: str, *, since: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a function that will go away; it works as before, and warns at the line that called it.

    :param instead: what to write, such as "use SpaceContext.role".
    :param since: the version that first warned.
    """

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def warn(*args: P.args, **kwargs: P.kwargs) -> R:
            warnings.warn(
                f"{function.__qualname__} is deprecated since Plein {since}; {instead}",
                PleinDeprecationWarning,
                stacklevel=2,
            )
            return function(*args, **kwargs)

        return warn

    return mark


def deprecated_hook(instead: str, *, since: str) -> PleinDeprecationWarning:
    """What a hook that will go away says of itself to whoever implements it: ``@hookspec(warn_on_impl=…)``.

    :param instead: what to write, such as "use on_content_changed".
    :param since: the version that first warned.
    """
    return PleinDeprecationWarning(f"this hook is deprecated since Plein {since}; {instead}")
