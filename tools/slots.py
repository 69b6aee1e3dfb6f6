"""Draws docs/images/slots.svg: where the slots of pages are. ``python tools/slots.py > docs/images/slots.svg``."""

import sys
from html import escape

from plein.hookspecs import SLOTS

#: A page: its title, what the core shows in its main column (with the slots between), and in its side column.
PAGES = (
    ("Start", ("What is new", "home.main"), ("home.side",)),
    ("Space", ("Purpose, pinned item", "space.main"), ("space.side",)),
    ("Item", ("content.banner", "Title", "content.meta", "Text", "content.below"), ("Contents", "content.side")),
    ("Form of an item", ("Title", "Text", "Buttons"), ("form.side",)),
    ("Search, before a word is typed", ("Word",), ("search.side",)),
    ("Person", ("Photo, name, function", "person.main"), ()),
    ("Group", ("Name, people", "group.main"), ()),
    ("Administration", ("What needs attention", "admin.status"), ()),
)

ACROSS, WIDTH, HEIGHT, GAP = 4, 240, 210, 20
ROW, SIDE = 26, 92
INK, PAPER, LINE, SLOT = "#1b1b1b", "#ffffff", "#767676", "#dcebf7"


def box(x: int, y: int, width: int, words: str) -> str:
    """A part of a page; a slot is coloured and set in another type."""
    is_slot = words in SLOTS
    fill, family = (SLOT, "monospace") if is_slot else (PAPER, "sans-serif")
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{ROW - 6}" rx="3" fill="{fill}" stroke="{LINE}"/>'
        f'<text x="{x + 6}" y="{y + 14}" font-family="{family}" font-size="10" fill="{INK}">{escape(words)}</text>'
    )


def page(number: int, title: str, main: tuple[str, ...], side: tuple[str, ...]) -> str:
    left, top = GAP + number % ACROSS * (WIDTH + GAP), GAP + number // ACROSS * (HEIGHT + GAP)
    beside = SIDE + 8 if side else 0
    parts = [
        f'<text x="{left}" y="{top + 10}" font-family="sans-serif" font-size="13" font-weight="bold" fill="{INK}">'
        f"{escape(title)}</text>",
        f'<rect x="{left}" y="{top + 18}" width="{WIDTH}" height="{HEIGHT - 18}" rx="4" fill="{PAPER}" '
        f'stroke="{LINE}"/>',
        f'<line x1="{left}" y1="{top + 38}" x2="{left + WIDTH}" y2="{top + 38}" stroke="{LINE}"/>',
    ]
    parts += [box(left + 8, top + 48 + row * ROW, WIDTH - 16 - beside, words) for row, words in enumerate(main)]
    parts += [box(left + WIDTH - 8 - SIDE, top + 48 + row * ROW, SIDE, words) for row, words in enumerate(side)]
    return "\n".join(parts)


def draw() -> str:
    """The picture, as SVG with real text."""
    width = GAP + ACROSS * (WIDTH + GAP)
    height = GAP + -(-len(PAGES) // ACROSS) * (HEIGHT + GAP)
    body = "\n".join(page(number, *one) for number, one in enumerate(PAGES))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">\n'
        f'<title id="title">Slots of pages: {escape(", ".join(SLOTS))}</title>\n'
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>\n{body}\n</svg>\n'
    )


if __name__ == "__main__":
    sys.stdout.write(draw())
