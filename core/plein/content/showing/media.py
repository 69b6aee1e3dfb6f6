"""Films and sound of other sites: a link that says what it is; never a frame, that tells the other site who reads."""

import re
from collections.abc import Collection
from html import escape, unescape
from urllib.parse import urlsplit

from plein.web.markup import LABELS

_ALONE = re.compile(r'<p><a href="([^"]*)" class="external" rel="[^"]*"(?: title="[^"]*")?>([^<]*)</a></p>')


def mark_media(html: str, language: str, hosts: Collection[str]) -> str:
    """*html* in which a link that is alone in its paragraph, and leads to one of *hosts*, shows as a card."""
    if not hosts or 'class="external"' not in html:
        return html
    label = LABELS.get(language, LABELS["en"])["media"]

    def card(match: re.Match[str]) -> str:
        host = (urlsplit(unescape(match[1])).hostname or "").lower()
        if host not in hosts:
            return match[0]
        title = "" if match[2] == match[1] else f"<strong>{match[2]}</strong>"
        where = f'<span class="media-host">{label} {escape(host.removeprefix("www."))}</span>'
        return (
            f'<p class="media"><a href="{match[1]}" class="external" rel="noopener nofollow ugc">{title}{where}</a></p>'
        )

    return _ALONE.sub(card, html)
