"""What is asked of Plein and of the floor: the same page, the same save; and of Plein also its lists."""

import re
from collections.abc import Callable, Sequence
from itertools import count, cycle, islice
from urllib.parse import urlencode

import texts
from fill import SPACE
from load import Ask, Server

from plein.web.slugs import slugify

#: What is measured, in the order of the table, and how often beside a page view (saving is slow).
VIEW, LIST, RARE, COMMON, SAVE = "wiki page", "page list", "search, rare word", "search, common word", "save"
#: The same save of Plein's, beside a floor that makes HTML of the Markdown as well, with the same two libraries.
RENDERED = "save, rendered"
SHARES = {VIEW: 1.0, LIST: 0.6, RARE: 0.6, COMMON: 0.6, SAVE: 0.3, RENDERED: 0.3}

#: Gives the next so many requests.
Asker = Callable[[int], list[Ask]]

_opened = [slugify(texts.title(number)) for number in texts.OPENED]
_bodies = {slugify(one.title): one.body for one in texts.texts(texts.OPENED.stop) if one.number in texts.OPENED}
_titles = {slugify(texts.title(number)): texts.title(number) for number in texts.OPENED}


def of_floor(_server: Server, lane: int, lanes: int) -> dict[str, Asker]:
    """The floor's pages for one of so many lanes: no two lanes save the same page."""
    mine = _opened[lane::lanes]
    number = count(1)

    def save(slug: str, **more: str) -> Ask:
        body = urlencode({"body": f"{_bodies[slug]}\n\nVersie {next(number)}.", **more})
        return Ask(f"/spaces/{SPACE}/{slug}", 303, "POST", _FORM, body)

    return {
        VIEW: _turns([Ask(f"/spaces/{SPACE}/{slug}") for slug in mine]),
        SAVE: _made(mine, save),
        RENDERED: _made(mine, lambda slug: save(slug, render="1")),
    }


def reads() -> dict[str, Ask]:
    """Plein's pages that are only read."""
    base = f"/spaces/{SPACE}/wiki"
    return {
        VIEW: Ask(f"{base}/{_opened[0]}"),
        LIST: Ask(base),
        RARE: Ask(f"/search?q={texts.RARE}"),
        COMMON: Ask(f"/search?q={texts.COMMON}"),
    }


def of_plein(server: Server, lane: int, lanes: int) -> dict[str, Asker]:
    """Plein's pages for one of so many lanes."""
    base = f"/spaces/{SPACE}/wiki"
    mine = _opened[lane::lanes]
    token = _hidden(server.fetch(f"{base}/{mine[0]}/edit"), "csrf_token")
    versions = {slug: int(_hidden(server.fetch(f"{base}/{slug}/edit"), "base_version")) for slug in mine}

    def save(slug: str) -> Ask:
        version, versions[slug] = versions[slug], versions[slug] + 1
        body = f"{_bodies[slug]}\n\nVersie {version + 1}."
        typed = {"csrf_token": token, "base_version": version, "title": _titles[slug], "body": body, "tags": ""}
        return Ask(f"{base}/{slug}/edit", 303, "POST", {**_FORM, "Origin": server.origin}, urlencode(typed))

    return {
        VIEW: _turns([Ask(f"{base}/{slug}") for slug in mine]),
        **{page: _turns([ask]) for page, ask in reads().items() if page != VIEW},
        SAVE: _made(mine, save),
        RENDERED: _made(mine, save),
    }


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _turns(asks: Sequence[Ask]) -> Asker:
    endless = cycle(asks)
    return lambda number: list(islice(endless, number))


def _made(slugs: Sequence[str], make: Callable[[str], Ask]) -> Asker:
    endless = cycle(slugs)
    return lambda number: [make(slug) for slug in islice(endless, number)]


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    if found is None:
        raise RuntimeError(f"the form has no field {name}")
    return found[1]
