"""What every template finds without asking: the page shell, macros, icons, addresses, dates, words.

Names given: ``layout``, ``macros``, ``request``, ``viewer``, ``locale``, ``languages``, ``site_name``, ``look``,
``shell``, ``notices``, ``icon``, ``avatar``, ``photo_url``, ``is_guest``, ``tile``, ``csrf_field``, ``static``,
``url``, ``has_route``, ``here``, ``may``, ``when``, ``exact``, ``date``, ``number``, ``size``, ``t``, ``ngettext``,
``_``. A view's own values win over them.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.events import BeforeRender
from pyramid.interfaces import IRoutesMapper
from pyramid.renderers import get_renderer
from pyramid.request import Request
from translationstring import TranslationString, TranslationStringFactory

from plein.security.viewer import ANONYMOUS
from plein.web import i18n, notices
from plein.web.addresses import path_of
from plein.web.html import Html, escape
from plein.web.i18n import _
from plein.web.shell import shell
from plein.web.tree import tree

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

#: Stands in where a plugin names an icon that the sprite does not have.
UNKNOWN_ICON = "point"


class MacroLibrary:
    """All macros of the files in ``templates/macros/`` by name: ``macros.field`` or ``macros['field']``."""

    def __init__(self, files: list[Any]) -> None:
        self._of: dict[str, Any] = {}
        for template in files:
            for name in template.macros.names:
                if name in self._of:
                    raise ValueError(f"macro {name} is defined twice, in {template.filename} too")
                self._of[name] = template

    @property
    def macros(self) -> "MacroLibrary":
        return self

    def __getitem__(self, name: str) -> Any:
        if name not in self._of:
            raise KeyError(f"no macro {name}; there are: {', '.join(sorted(self._of))}")
        return self._of[name].macros[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)


@lru_cache(maxsize=1)
def icon_names() -> frozenset[str]:
    """The names in the sprite ``static/icons.svg``."""
    sprite = (TEMPLATES.parent / "static" / "icons.svg").read_text(encoding="utf-8")
    return frozenset(re.findall(r'<symbol id="([^"]+)"', sprite))


@lru_cache(maxsize=512)
def icon_markup(sprite: str, name: str, label: str | None) -> Html:
    name = name if name in icon_names() else UNKNOWN_ICON
    reads = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return Html(
        f'<svg class="icon" width="20" height="20" {reads} focusable="false">'
        f'<use href="{escape(sprite)}#{name}"></use></svg>'
    )


def icon(request: Request, name: str, label: str | None = None) -> Html:
    """An icon of the sprite. Beside a word it needs no *label*; alone it must have one."""
    text = request.localizer.translate(label) if label else None
    return icon_markup(request.registry["plein.static"].url("icons.svg"), name, text)


def initials(name: str) -> str:
    """At most two letters: of the first and the last word of a name that begin with a letter."""
    words = [word for word in re.split(r"[\s\-]+", name) if word[:1].isalpha()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


#: The least size of a photo that is stored, in pixels, and where the next one is better.
PHOTO, LARGE_PHOTO = 64, 128


@lru_cache(maxsize=4096)
def _initials_mark(kind: str, hue: int, letters: str, large: bool, photo: str = "") -> Html:
    size = " large" if large else ""
    pixels = LARGE_PHOTO if large else PHOTO
    # Above the initials, which stay where a photo cannot be had.
    picture = f'<img src="{escape(photo)}" alt="" width="{pixels}" height="{pixels}" loading="lazy">' if photo else ""
    return Html(f'<span class="{kind} hue-{hue}{size}" aria-hidden="true">{escape(letters)}{picture}</span>')


def avatar(ident: Any, name: str, large: bool = False, kind: str = "avatar", photo: str = "") -> Html:
    """The photo at the address *photo*, or initials on one of eight colours, always the same for *ident*. The name must
    stand beside it."""
    hue = sum(map(ord, str(ident or name))) % 8
    return _initials_mark(kind, hue, initials(name), large, photo)


def tile(ident: Any, name: str, large: bool = False) -> Html:
    """The square mark of a space, as :func:`avatar` is the round one of a person."""
    return avatar(ident, name, large, "tile")


def person_mark(request: Request, ident: Any, name: str, large: bool = False) -> Html:
    """:func:`avatar` with the photo of the person whose id is *ident*, where there is one."""
    photo = photo_url(request, ident, LARGE_PHOTO if large else PHOTO)
    return avatar(ident, name, large, photo=photo)


def photo_url(request: Request, ident: Any, size: int) -> str:
    """The address of the photo of a person, empty without one. Its version is in it, so that it can be kept."""
    face = getattr(request, "faces", {}).get(ident)
    if face is None or not face.photo:
        return ""
    return path_of(request, "people.photo", id=ident, version=face.photo, size=size)


def is_guest(request: Request, ident: Any) -> bool:
    """Whether the person whose id is *ident* is a guest, for the badge beside their name."""
    face = getattr(request, "faces", {}).get(ident)
    return face is not None and bool(face.is_guest)


def csrf_field(token: Callable[[], str]) -> Html:
    """The hidden field that every form begins with that changes something."""
    return Html(f'<input type="hidden" name="csrf_token" value="{escape(token())}">')


def link_to(request: Request, route: str, query: dict[str, Any] | None = None, **parts: Any) -> str:
    """The path of a route; *query* values of None or '' are left out."""
    if query:
        parts["_query"] = {key: value for key, value in query.items() if value not in (None, "")}
        return str(request.route_path(route, **parts))
    return path_of(request, route, **parts)


def may(request: Request, permission: str, context: Any = None) -> bool:
    """Whether who looks has *permission* here; for showing an action only where it would work."""
    return bool(request.has_permission(permission, context))


def has_route(request: Request, name: str) -> bool:
    mapper = request.registry.queryUtility(IRoutesMapper)
    return mapper is not None and mapper.get_route(name) is not None


class _PageNotices:
    """Read when the layout asks, so that rendering a fragment does not use them up."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def __iter__(self) -> Iterator[notices.Notice]:
        return iter(notices.take_notices(self._request))


class _Words:
    """``_`` and ``ngettext`` of one template: the words of its package, or else those of the core.

    A page of a plugin uses macros of the core, and there the same ``_`` must find the core's words.
    """

    def __init__(self, request: Request, domain: str) -> None:
        self._request = request
        self._domain = domain
        self._make = TranslationStringFactory(domain)

    def __call__(self, text: str, mapping: dict[str, Any] | None = None) -> TranslationString:
        found: TranslationString = self._make(text)
        if self._domain != "plein" and self._request.localizer.translate(found) == text:
            return _(text, mapping=mapping)
        return self._make(text, mapping=mapping)

    def plural(self, singular: str, plural: str, n: int, mapping: dict[str, Any] | None = None) -> str:
        known = self._request.localizer.pluralize(singular, plural, n, domain=self._domain)
        domain = "plein" if known in (singular, plural) else self._domain
        return i18n.ngettext(self._request, singular, plural, n, mapping, domain)


def _domain(renderer_name: str) -> str:
    """The text domain of a template, which has the name of its package."""
    return renderer_name.partition(":")[0].partition(".")[0]


def add_names(event: BeforeRender) -> None:
    """Subscriber: give a Chameleon template its names. Other renderers (JSON) are left alone."""
    renderer_name = event.get("renderer_name") or ""
    request = event.get("request")
    if request is None or not renderer_name.endswith(".pt"):
        return
    for name, value in {**_names_of_page(request), **_names_of_words(request, renderer_name)}.items():
        event.setdefault(name, value)
    event.setdefault("csrf_field", partial(csrf_field, event["get_csrf_token"]))
    event.setdefault("shell", partial(shell, request, event["get_csrf_token"]))


def _names_of_page(request: Request) -> dict[str, Any]:
    """The shell, the site, who looks, and where things are."""
    registry = request.registry
    if "plein.layout" not in registry:
        registry["plein.layout"] = _load_layout()
    layout, macros = registry["plein.layout"]
    settings = getattr(request, "plein", None)
    return {
        "layout": layout,
        "macros": macros,
        "viewer": getattr(request, "viewer", ANONYMOUS),
        "site_name": settings["plein.site_name"] if settings is not None else "Plein",
        "look": request.appearance,
        "notices": _PageNotices(request),
        "icon": partial(icon, request),
        "tree": lambda nodes: tree(request, nodes, icon(request, "chevron-right")),
        "avatar": partial(person_mark, request),
        "photo_url": partial(photo_url, request),
        "is_guest": partial(is_guest, request),
        "tile": tile,
        "static": registry["plein.static"].url,
        "url": partial(link_to, request),
        "has_route": partial(has_route, request),
        "here": request.path_qs,
        "may": partial(may, request),
    }


def _names_of_words(request: Request, renderer_name: str) -> dict[str, Any]:
    """Language, and how times, numbers and words are written in it."""
    words = _Words(request, _domain(renderer_name)) if renderer_name.startswith("plein_") else None
    return {
        "locale": request.locale_name,
        "languages": i18n.LANGUAGES,
        "when": partial(i18n.when, request),
        "exact": partial(i18n.exact, request),
        "date": partial(i18n.show_date, request),
        "number": partial(i18n.number, request),
        "size": partial(i18n.file_size, request),
        "t": request.localizer.translate,
        "ngettext": words.plural if words else partial(i18n.ngettext, request),
        "_": words or _,
    }


def _load_layout() -> tuple[Any, MacroLibrary]:
    files = [
        get_renderer(f"plein:templates/macros/{path.name}").implementation()
        for path in sorted((TEMPLATES / "macros").glob("*.pt"))
    ]
    return get_renderer("plein:templates/layout.pt").implementation(), MacroLibrary(files)


def includeme(config: Configurator) -> None:
    config.add_subscriber(add_names, BeforeRender)
