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


def symbol(name: str, source: str) -> str:
    """One icon as a symbol: its shapes without the invisible square around them."""
    shapes = re.findall(r"<(?:path|circle|rect|line|polyline)\b[^>]*/>", source)
    drawn = "".join(shape.replace(" />", "/>") for shape in shapes if 'stroke="none" d="M0 0h24v24H0z"' not in shape)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawn}</symbol>'


def main(folder: Path) -> None:
    names = sorted({line.strip() for line in NAMES.read_text(encoding="utf-8").splitlines() if line.strip()})
    symbols = [symbol(name, (folder / "icons" / "outline" / f"{name}.svg").read_text("utf-8")) for name in names]
    SPRITE.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n", encoding="utf-8"
    )
    print(f"{len(names)} icons, {SPRITE.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
