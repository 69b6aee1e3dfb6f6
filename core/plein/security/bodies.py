"""What arrives in a request's body: bounded in fields, and readable, before any view looks at it."""

from collections.abc import Callable
from typing import Any

from pyramid.httpexceptions import HTTPBadRequest, HTTPRequestEntityTooLarge
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request

from plein.web.i18n import _

#: Fields of one form; the largest of ours has a few dozen.
MAX_FIELDS = 1_000

#: The one field that files come in. Whoever reads another field can count on text.
FILES = "file"

#: A form without files, in bytes: the longest page three times over, for the percent signs.
MAX_FORM_BYTES = 4 * 1024 * 1024

_CHUNK = 64 * 1024
_TAKES_FILES = "plein.takes_files"


def check_body(request: Request) -> None:
    """Refuse a form with absurdly many fields, or one that cannot be read, or with a file where text belongs.

    :raises HTTPRequestEntityTooLarge: too many fields, too long for a form without files, or a route that takes
        no files and more than ``max_body_mb``.
    :raises HTTPBadRequest: where the body is not what its media type says.
    """
    # Plein's own server refused it before it took the body in; another one has the whole of it by now.
    _check_size(request)
    if request.content_type == "application/x-www-form-urlencoded":
        if (request.content_length or 0) > MAX_FORM_BYTES or request.body.count(b"&") > MAX_FIELDS:
            raise HTTPRequestEntityTooLarge()
    elif request.content_type == "multipart/form-data":
        if _count(request, b"form-data;") > MAX_FIELDS:
            raise HTTPRequestEntityTooLarge()
    else:
        return
    try:
        # Parsed once, kept by WebOb.
        is_text = all(isinstance(value, str) or name == FILES for name, value in request.POST.items())
    except (ValueError, UnicodeDecodeError) as error:
        raise HTTPBadRequest(_("What your browser sent cannot be read as a form.")) from error
    if not is_text:
        raise HTTPBadRequest(_("What your browser sent cannot be read as a form."))


def takes_files(config: Any, *routes: str) -> None:
    """The directive ``config.takes_files``: forms at these routes may be as large as a file, ``max_upload_mb``."""
    config.registry.setdefault(_TAKES_FILES, set()).update(routes)


def file_addresses(registry: Any) -> Callable[[str], bool]:
    """Of an application: tells of a path whether a file may be sent there."""
    mapper = registry.getUtility(IRoutesMapper)
    routes = [mapper.get_route(name) for name in registry.get(_TAKES_FILES, ())]
    return lambda path: any(route.match(path) is not None for route in routes)


def _check_size(request: Request) -> None:
    route = getattr(request.matched_route, "name", "")
    if route in request.registry.get(_TAKES_FILES, ()):
        return
    if (request.content_length or 0) > request.registry["plein.settings"]["plein.max_body_mb"] << 20:
        raise HTTPRequestEntityTooLarge()


def includeme(config: Any) -> None:
    config.add_directive("takes_files", takes_files)


def _count(request: Request, mark: bytes) -> int:
    """How often *mark* stands in the body, read in pieces: a body may be an upload of many megabytes."""
    request.make_body_seekable()
    body = request.body_file_raw
    body.seek(0)
    found, tail = 0, b""
    while piece := body.read(_CHUNK):
        found += (tail + piece).count(mark)
        tail = piece[-len(mark) + 1 :]
    body.seek(0)
    return found
