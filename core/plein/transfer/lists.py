"""Comments that a program of the old site filled in: written out as they stand on the day of the import.

``<!-- tags -->`` showed a page's labels, ``<!-- list_things key/value -->`` the pages of a folder whose front matter
has that value, ``<!-- list_things_on_others_page -->`` those that this page's front matter names. Others stay visible.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from plein.transfer.frontmatter import LAYOUT_KEYS
from plein.transfer.site import PageRef, Site

_LIST = re.compile(r"^list_([a-z0-9]+)(_on_[a-z0-9_]+)?((?:[ ]+\S+)*)$")
_KEY_VALUE = re.compile(r"^([\w-]+)/([\w.-]+)$")


def pages_of_list(text: str, page: PageRef, site: Site) -> list[PageRef]:
    """The pages that a ``list_…`` comment of *page* stands for, in the order of their paths; none when unclear."""
    match = _LIST.match(text)
    if not match:
        return []
    members = [each for each in site.pages.values() if _folder(each) == match[1] and each is not page]
    if match[2]:
        named = set(_texts(page.values))
        members = [each for each in members if _stem(each) in named]
    else:
        for word in match[3].split():
            pair = _KEY_VALUE.match(word)
            if pair:
                members = [each for each in members if pair[2] in set(_texts(each.values.get(pair[1])))]
    return sorted(members, key=lambda each: each.path)


def labels(rest: dict[str, Any]) -> list[str]:
    """The front matter that Plein has no field for and that means something to a reader, one Markdown item each."""
    found = []
    for key, value in rest.items():
        texts = list(_texts(value)) if isinstance(value, list) else []
        if key.lower() in LAYOUT_KEYS or not texts or len(texts) != len(value):
            continue
        found.append(f"- **{_words(key).capitalize()}:** {', '.join(_words(text) for text in texts)}")
    return found


def _words(text: str) -> str:
    return re.sub(r"[-_]+", " ", text).strip().replace("*", "\\*")


def _folder(page: PageRef) -> str:
    return PurePosixPath(page.path).parent.name if page.path and not page.key.endswith("/") else ""


def _stem(page: PageRef) -> str:
    return PurePosixPath(page.path or page.key.rstrip("/")).stem


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
