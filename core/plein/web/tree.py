"""The tree beside a page, as HTML. Written here and not in a template: it has up to three hundred entries, and a macro
that calls itself costs more for each than the rest of the page together.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pyramid.request import Request

from plein.web.html import Html, escape
from plein.web.i18n import _


def tree(request: Request, nodes: Iterable[Mapping[str, Any]], chevron: str) -> Html:
    """Lists in lists. A node has ``title`` and ``url``, and perhaps ``current``, ``open`` and ``children``.

    :param chevron: the icon of what opens and closes, as HTML.
    """
    translate = request.localizer.translate
    parts: list[str] = []

    def write(branch: Iterable[Mapping[str, Any]]) -> None:
        parts.append("<ul>")
        for node in branch:
            title, is_current = escape(str(node["title"])), node.get("current")
            current = ' aria-current="page"' if is_current else ""
            parts.append(f'<li><a href="{escape(node["url"])}"{current}>{title}</a>')
            if below := node.get("children"):
                label = translate(_("Pages below ${title}", mapping={"title": node["title"]}))
                is_open = ' open="open"' if is_current or node.get("open") else ""
                parts.append(f'<details{is_open}><summary aria-label="{escape(label)}">{chevron}</summary>')
                write(below)
                parts.append("</details>")
            parts.append("</li>")
        parts.append("</ul>")

    write(nodes)
    return Html("".join(parts))
