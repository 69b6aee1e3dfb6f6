"""The addresses of files."""

from pyramid.config import Configurator

from plein.content.files import holding, sending, views
from plein.content.files.acts import ACTS
from plein.content.files.refusals import needs_approval
from plein.content.files.services import FilesNeedApproval
from plein.content.pages import ItemPage
from plein.security.permissions import SIGNED_IN

PAGES = (
    ItemPage("files", "/files", views.files, "view", template="files"),
    ItemPage("attach", "/files/-/attach", views.attach, "edit", ("POST",), looks_first=True, takes_files=True),
    ItemPage("hold", "/-/hold", holding.hold, "create", ("POST",), of="type", looks_first=True, takes_files=True),
    ItemPage("file_remove", "/files/-/detach", views.detach, "edit", ("POST",)),
    ItemPage("file_describe", "/files/-/describe", views.describe, "edit", ("POST",), template="file"),
    ItemPage("file_restore", "/files/-/restore", views.restore, "edit", ("POST",)),
    ItemPage("file", "/files/{uid}", views.file, "view", template="file"),
    ItemPage("file_version", r"/files/{uid}/{version:\d+}", sending.earlier, "view"),
)


def includeme(config: Configurator) -> None:
    config.add_audit_acts(ACTS)
    config.add_item_pages(*PAGES)
    config.add_exception_view(needs_approval, context=FilesNeedApproval)
    config.add_form_part(holding.FilesPart())
    config.include("plein.content.files.quarantine")
    config.add_route("attachment.size", r"/files/{uid}/{width:\d{2,5}}/{name}")
    config.add_view(sending.smaller, route_name="attachment.size", permission=SIGNED_IN, request_method="GET")
    config.add_route("attachment", "/files/{uid}/{name}")
    config.add_view(sending.download, route_name="attachment", permission=SIGNED_IN, request_method="GET")
