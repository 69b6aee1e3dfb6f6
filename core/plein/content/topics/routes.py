"""Addresses of tags."""

from pyramid.config import Configurator

from plein.content.topics.acts import ACTS
from plein.content.topics.form_part import TagsPart
from plein.content.topics.permissions import MANAGE
from plein.web.i18n import _

_ID = r"{id:\d{1,18}}"
_ROUTES = (
    ("tags.list", "/tags"),
    ("tags.suggest", "/tags/-/suggest"),
    ("tags.word", "/tags/-/word"),
    ("tags.show", "/tags/{slug}"),
    ("admin.tags", "/admin/tags"),
    ("admin.tags.new", "/admin/tags/lists/new"),
    ("admin.tags.list", f"/admin/tags/lists/{_ID}"),
    ("admin.tags.remove", f"/admin/tags/lists/{_ID}/remove"),
    ("admin.tags.edit", f"/admin/tags/{_ID}"),
    ("admin.tags.merge", f"/admin/tags/{_ID}/merge"),
    ("admin.tags.unmerge", f"/admin/tags/{_ID}/unmerge"),
    ("admin.tags.delete", f"/admin/tags/{_ID}/delete"),
)


def includeme(config: Configurator) -> None:
    for name, address in _ROUTES:
        config.add_route(name, address)
    config.add_audit_acts(ACTS)
    config.add_form_part(TagsPart())
    config.add_admin_page("admin.tags", title=_("Tags"), icon="tags", permission=MANAGE, weight=45)
    for module in ("views", "admin_views", "list_views"):
        config.scan(f"plein.content.topics.{module}")
