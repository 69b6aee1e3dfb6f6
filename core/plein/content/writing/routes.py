"""The addresses of writing."""

from pyramid.config import Configurator

from plein.content.pages import ItemPage
from plein.content.writing import views
from plein.content.writing.form_part import CoWritersPart
from plein.content.writing.template_part import TemplatePart
from plein.security.permissions import SIGNED_IN

PAGES = (
    ItemPage("keep_new", "/-/keep", views.keep, "create", ("POST",), of="type", looks_first=True),
    ItemPage("keep", "/keep", views.keep, "edit", ("POST",), looks_first=True),
    ItemPage("editors", "/editors", views.editors, "view"),
    ItemPage("be_there", "/editors/-/here", views.be_there, "edit", ("POST",), looks_first=True),
)

_UNSAVED = (
    ("me.unsaved", "GET", views.unsaved, "unsaved"),
    ("me.unsaved", "POST", views.change_unsaved, None),
    ("me.unsaved_text", "GET", views.unsaved_text, "unsaved_text"),
)


def includeme(config: Configurator) -> None:
    config.add_item_pages(*PAGES)
    config.add_form_part(TemplatePart())
    config.add_form_part(CoWritersPart())
    config.include("plein.content.writing.template_views")
    config.add_route("me.unsaved", "/me/unsaved")
    config.add_route("me.unsaved_text", "/me/unsaved/{draft}")
    for route, method, view, template in _UNSAVED:
        renderer = f"plein:templates/content/writing/{template}.pt" if template else None
        config.add_view(view, route_name=route, request_method=method, permission=SIGNED_IN, renderer=renderer)
