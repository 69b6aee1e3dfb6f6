"""What lies in a folder: pages, files, and what is left alone and why.

Nothing outside the folder is read, whatever links lie in it. Folders become parent pages: their ``index.md`` (or
``README.md``, or a page with the folder's own name) where there is one, an empty page where there is none.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

MARKDOWN = (".md", ".markdown")
_INDEX = ("index", "_index", "readme")
MAX_ENTRIES = 50_000
MAX_DEPTH = 40


class ScanRefused(ValueError):
    """A folder that cannot be imported, in one sentence."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """:param path: relative to the folder, with ``/``."""

    path: str
    full: Path
    size: int


@dataclass(slots=True)
class SourcePage:
    """A page to be.

    :param key: what it is remembered by: its path, or ``folder/`` for the page of a folder, index or not.
    :param path: the file it is made of; empty for a folder without one.
    :param parent: the key of the page above.
    :param order: among pages with the same parent, from 1; 0 where their titles decide, -1 before those.
    """

    key: str
    path: str
    parent: str | None
    file: SourceFile | None = None
    order: int = 0

    @property
    def named(self) -> str:
        """What to call it in a receipt."""
        return self.path or self.key


@dataclass(slots=True)
class Tree:
    """What was found. Pages stand after the page above them."""

    root: Path
    pages: list[SourcePage] = field(default_factory=list)
    files: dict[str, SourceFile] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    #: path → why it was left alone
    skipped: dict[str, str] = field(default_factory=dict)


def scan(folder: Path) -> Tree:
    """The tree of *folder*.

    :raises ScanRefused: when it is no folder, cannot be read, or holds no Markdown or far too much.
    """
    if not folder.exists():
        raise ScanRefused(f"There is no folder {folder}.")
    if not folder.is_dir():
        raise ScanRefused(f"{folder} is a file; name the folder that holds the pages.")
    tree = Tree(folder.resolve())
    markdown: dict[str, SourceFile] = {}
    try:
        for file in _walk(tree, tree.root, ""):
            suffix = PurePosixPath(file.path).suffix.lower()
            (markdown if suffix in MARKDOWN else tree.files)[file.path] = file
            if len(markdown) + len(tree.files) > MAX_ENTRIES:
                raise ScanRefused(f"{folder} holds more than {MAX_ENTRIES} files; import a smaller folder.")
    except PermissionError as error:
        raise ScanRefused(f"{error.filename} cannot be read by this account.") from error
    if not markdown:
        raise ScanRefused(f"There is no Markdown (.md) in {folder}.")
    tree.pages = _pages(markdown)
    return tree


def _walk(tree: Tree, folder: Path, path: str, depth: int = 0) -> Iterator[SourceFile]:
    entries = sorted(os.scandir(folder), key=lambda entry: natural(entry.name))
    for entry in entries:
        relative = f"{path}{entry.name}"
        shown = relative.encode("utf-8", "replace").decode("utf-8")
        reason = _reason(entry, tree.root)
        if reason:
            tree.skipped[shown] = reason
        elif entry.is_dir():
            if depth >= MAX_DEPTH:
                tree.skipped[shown] = "folders lie too deep inside each other"
                continue
            tree.folders.add(relative)
            yield from _walk(tree, Path(entry.path), f"{relative}/", depth + 1)
        else:
            yield SourceFile(relative, Path(entry.path), entry.stat().st_size)


def _reason(entry: "os.DirEntry[str]", root: Path) -> str:
    """Why to leave an entry alone; empty for what is read."""
    if entry.name.startswith("."):
        return "hidden"
    try:
        entry.name.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not valid text"
    if entry.is_symlink():
        if not entry.is_file():
            return "a link to a folder, or to nothing"
        if not Path(entry.path).resolve().is_relative_to(root):
            return "a link to a file outside the folder"
    elif not entry.is_file() and not entry.is_dir():
        return "neither a file nor a folder"
    return ""


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts ``2-b`` before ``10-a``, whatever the case."""
    parts = re.findall(r"\d{1,18}|\D+|\d+", name.casefold())
    return [(0, int(part), "") if part.isdecimal() and len(part) < 19 else (1, 0, part) for part in parts]


def _pages(markdown: dict[str, SourceFile]) -> list[SourcePage]:
    folders = sorted({str(above) for path in markdown for above in PurePosixPath(path).parents if str(above) != "."})
    taken = {folder: path for folder in folders if (path := _page_of(folder, markdown))}
    by_path = {path: folder for folder, path in taken.items()}
    pages = [SourcePage(f"{folder}/", taken.get(folder, ""), _above(folder)) for folder in folders]
    pages += [SourcePage(path, path, _above(path)) for path in markdown if path not in by_path]
    for page in pages:
        page.file = markdown.get(page.path)
    _put_in_order(pages)
    return sorted(pages, key=lambda page: (page.key.count("/") - page.key.endswith("/"), page.order))


def _page_of(folder: str, markdown: dict[str, SourceFile]) -> str | None:
    """The file that is the page of *folder*, by one of the customs there are for it."""
    inside = {PurePosixPath(path).stem.lower(): path for path in markdown if str(PurePosixPath(path).parent) == folder}
    for name in (*_INDEX, PurePosixPath(folder).name.lower()):
        if name in inside:
            return inside[name]
    beside = [f"{folder}{suffix}" for suffix in MARKDOWN]
    return next((path for path in beside if path in markdown), None)


def _above(path: str) -> str | None:
    parent = str(PurePosixPath(path).parent)
    return None if parent == "." else f"{parent}/"


def _put_in_order(pages: list[SourcePage]) -> None:
    """Number the pages of each parent. Where names start with digits somebody meant that order; else titles decide."""
    families: dict[str | None, list[SourcePage]] = {}
    for page in pages:
        families.setdefault(page.parent, []).append(page)
    for family in families.values():
        family.sort(key=lambda page: (not _is_index(page), natural(page.key)))
        numbered = any(PurePosixPath(page.key).name[:1].isdecimal() for page in family)
        for number, page in enumerate(family, 1):
            page.order = number if numbered else -1 if _is_index(page) else 0


def _is_index(page: SourcePage) -> bool:
    return page.parent is None and PurePosixPath(page.path).stem.lower() in _INDEX and "/" not in page.path


def read_text(file: SourceFile) -> tuple[str, str]:
    """The text of *file*, and a remark where it was not plain UTF-8 (empty otherwise)."""
    data = file.full.read_bytes()
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", "replace"), ""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "the file is in UTF-16"
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), "the file is not UTF-8; it was read as Windows-1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "the file is not UTF-8; it was read as Latin-1"
