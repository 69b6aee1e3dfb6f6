"""Make ``static/icons.svg`` from an unpacked copy of the package ``@tabler/icons``: only the icons we use.

Usage: ``python tools/icons.py FOLDER`` where FOLDER holds ``icons/outline/*.svg``. Run it after adding a
name to ``tools/icons.txt``, then record the new hash in ``static/vendor/VENDORED.json``.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ROOT / "tools" / "icons.txt"
SPRITE = ROOT / "core" / "plein" / "static" / "icons.svg"
#: Also as files of their own: those that the style sheet masks with, as it cannot reach into the sprite.
ALONE = ("alert-octagon", "alert-triangle", "bulb", "info-circle", "message-report")


def shapes(source: str) -> str:
    """What an icon draws, without the invisible square around it."""
    found = re.findall(r"<(?:path|circle|rect|line|polyline)\b[^>]*/>", source)
    return "".join(shape.replace(" />", "/>") for shape in found if 'stroke="none" d="M0 0h24v24H0z"' not in shape)


def alone(drawn: str) -> str:
    """An icon as a picture of its own."""
    pen = 'fill="none" stroke="#000" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" {pen}>{drawn}</svg>\n'


def main(folder: Path) -> None:
    names = sorted({line.strip() for line in NAMES.read_text(encoding="utf-8").splitlines() if line.strip()})
    drawn = {name: shapes((folder / "icons" / "outline" / f"{name}.svg").read_text("utf-8")) for name in names}
    symbols = [f'<symbol id="{name}" viewBox="0 0 24 24">{drawn[name]}</symbol>' for name in names]
    SPRITE.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n", encoding="utf-8"
    )
    for name in ALONE:
        target = SPRITE.parent / "img" / f"{name}.svg"
        target.parent.mkdir(exist_ok=True)
        target.write_text(alone(drawn[name]), encoding="utf-8")
    sys.stdout.write(f"{len(names)} icons, {SPRITE.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
