"""Ticking a task of a list: the same text with one box filled or emptied."""

import re

from plein.web.markup_parser import parse
from plein.web.markup_types import MarkupLimits

#: A box behind the signs of the lists and quotes that it stands in.
_BOX = re.compile(r"((?:[ \t>]|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))*)\[([ xX])\](?=\s)")


def tick(source: str, number: int, done: bool, limits: MarkupLimits) -> str | None:
    """*source* with the box of its task *number* (from 0, as on the page) as *done* says.

    :return: ``None`` where there is no such task.
    :raises MarkupError: when the text is larger or deeper than the limits.
    """
    limits.check(source)
    tokens, _env, _work = parse(source, limits)
    tasks = [token for token in tokens if token.type == "list_item_open" and "checked" in token.meta]
    place = tasks[number].map if 0 <= number < len(tasks) else None
    if place is None:
        return None
    # As the parser counts lines.
    lines = re.split(r"(\r\n|\r|\n)", source)
    at = place[0] * 2
    changed, times = _BOX.subn(lambda box: f"{box[1]}[{'x' if done else ' '}]", lines[at] + " ", count=1)
    if not times:
        return None
    lines[at] = changed[:-1]
    return "".join(lines)
