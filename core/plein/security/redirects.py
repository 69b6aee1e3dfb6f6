"""Where a person may be sent next: a path of this site, however cleverly the address was written.

Browsers read addresses by the URL Standard (https://url.spec.whatwg.org): they drop tabs and line ends anywhere and
blanks in front, take ``\\`` for ``/``, and read ``//host`` as another site. So anything that could be read in two ways
is refused, rather than understood.
"""

from typing import Any
from urllib.parse import quote, unquote, urlsplit

MAX_LENGTH = 2_000

#: Everything that may stand in a path, query or fragment as it is; the rest is percent-encoded.
_AS_IS = "/:?#[]@!$&'()*+,;=%~"


def safe_path(value: Any, default: str = "/") -> str:
    """*value* when it is a path on this site, with query and fragment, ready for a ``Location``; else *default*."""
    if not isinstance(value, str) or len(value) > MAX_LENGTH or not _is_plain(value):
        return default
    # Something on the way may decode once more than it should.
    path = value.partition("?")[0].partition("#")[0]
    for _turn in range(3):
        if not _is_path(path):
            return default
        path = unquote(path)
    try:
        parts = urlsplit(value)
        return default if parts.scheme or parts.netloc else quote(value, safe=_AS_IS)
    except ValueError:
        return default


def _is_plain(value: str) -> bool:
    """Nothing that browsers drop, trim or read as something else."""
    return not any(sign <= " " or sign == "\\" or "\x7f" <= sign <= "\xa0" or sign.isspace() for sign in value)


def _is_path(path: str) -> bool:
    if not path.startswith("/") or not _is_plain(path.replace(" ", "")):
        return False
    # "/..//host" and "/./host" come down to "//host" once the dots are resolved.
    first = path[1:].partition("/")[0]
    return not path.startswith("//") and first not in (".", "..")
