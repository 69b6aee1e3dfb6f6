"""What the macros for everybody are shown with on ``/admin/style``. A macro without a sample here fails a test."""

from datetime import UTC, datetime
from typing import Any

from plein.web.i18n import _

_WHO = {"id": 3, "name": "Noor de Vries"}

#: Macros that need a page around them, and where one sees them instead.
ELSEWHERE = {
    "page_head": "The head of this page is one.",
    "space_nav": "Beside every page of a space.",
    "error_summary": "On top of a form that was refused; it takes the focus.",
    "optional_mark": "Behind the label of a field that may stay empty.",
    "toc": "Beside every page with headings.",
}

#: name → args, empty where it takes none.
SAMPLES: dict[str, dict[str, Any]] = {
    "breadcrumbs": {"items": [(_("Spaces"), "/spaces"), (_("Administration"), "/admin")]},
    "tabs": {
        "label": _("Spaces"),
        "items": [
            {"title": _("Spaces"), "url": "/spaces", "icon": "layout-grid", "current": True},
            {"title": _("People"), "url": "/people", "icon": "users", "count": 12},
        ],
    },
    "actions": {
        "items": [
            {"title": _("Edit"), "url": "/admin/style", "icon": "pencil"},
            {"title": _("Search"), "url": "/search", "icon": "search"},
        ]
    },
    "alert": {"kind": "tip", "title": _("An example"), "text": _("What happened, what is kept, and what to do.")},
    "empty": {"title": _("Nothing here yet"), "text": _("Say what to do first."), "icon": "inbox"},
    "pager": {"next": "/admin/style?after=20", "previous": None, "count": 42},
    "csrf": {},
    "field": {"name": "example", "label": _("Title"), "value": "Noor", "hint": _("A line of help."), "required": True},
    "buttons": {"cancel": "/admin/style"},
    "action_button": {"url": "/admin/style", "label": _("Edit"), "icon": "pencil", "kind": "small"},
    "confirm": {
        "url": "/admin/style",
        "question": _("An example"),
        "text": _("What happened, what is kept, and what to do."),
        "label": _("Delete"),
        "cancel": "/admin/style",
    },
    "avatar": _WHO,
    "tile": {"id": 5, "name": "Bieb"},
    "person": _WHO,
    "guest": {},
    "badge": {"text": _("Draft"), "kind": "draft"},
    "audience": {"access": "closed"},
    "meta": {**_WHO, "time": datetime(2026, 11, 26, 9, 0, tzinfo=UTC)},
    "tags": {"tags": ["avg", "privacy"], "url": None},
    "card": {"title": _("Spaces"), "url": "/spaces", "icon": "layout-grid", "text": _("A line of help."), "level": 4},
    "table": {"head": [_("Name"), _("Version")], "rows": [["wiki", "1.0.0"]], "caption": _("An example")},
    "tree": {
        "label": _("An example"),
        "nodes": [
            {
                "title": "Een",
                "url": "/spaces",
                "open": True,
                "children": [{"title": "Twee", "url": "/", "children": []}],
            }
        ],
    },
    "files": {
        "files": [{"name": "kaart.pdf", "url": "/admin/style", "media_type": "application/pdf", "size": 120_000}]
    },
    "result": {"title": "Kaart", "url": "/admin/style", "snippet": _("A line of help."), "kind": _("Page")},
}
