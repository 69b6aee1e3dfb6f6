"""All pages and files of an import at once: what a link in one of them points at."""

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import unquote

from plein.transfer.mkdocs import Heading
from plein.transfer.scan import SourceFile
from plein.web.slugs import kebab

_SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*):")
_SUFFIX = re.compile(r"\.(md|markdown|html?)$", re.IGNORECASE)


@dataclass(slots=True)
class PageRef:
    """A page as links see it.

    :param path: its file; empty for a folder without one.
    :param slug: the last part of its address in Plein.
    """

    key: str
    path: str
    title: str
    slug: str = ""
    headings: Sequence[Heading] = ()
    anchors: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What a link points at.

    :param anchor: of the heading, as Plein makes it; empty for the top.
    :param heading: its text.
    :param reason: why there is none, or what is not quite as written; empty where all is well.
    """

    kind: Literal["page", "here", "file", "outside", "nothing"]
    page: PageRef | None = None
    file: SourceFile | None = None
    anchor: str = ""
    heading: str = ""
    reason: str = ""


class Site:
    """Looks up links among *pages* and *files*.

    :param folders: all folders, also those without pages.
    :param skipped: path → why it was left alone.
    """

    def __init__(
        self, pages: Iterable[PageRef], files: dict[str, SourceFile], folders: set[str], skipped: dict[str, str]
    ) -> None:
        self.pages = {page.key: page for page in pages}
        self.files, self.folders, self.skipped = files, folders, skipped
        self.by_path: dict[str, PageRef] = {}
        self.by_name: dict[str, list[PageRef]] = {}
        for page in self.pages.values():
            for path in filter(None, (page.path, page.key.rstrip("/"))):
                self.by_path[path] = page
            for name in {PurePosixPath(page.path or page.key.rstrip("/")).stem.casefold(), page.title.casefold()}:
                self.by_name.setdefault(name, []).append(page)
        self.folded = {path.casefold(): path for path in (*self.by_path, *files)}
        self.base_names: dict[str, list[str]] = {}
        for path in (*self.by_path, *files):
            self.base_names.setdefault(PurePosixPath(path).name.casefold(), []).append(path)

    def find(self, target: str, source: PageRef) -> Target:
        """What *target*, as written in a link of the page *source*, points at."""
        target = target.strip()
        if target in ("", "#"):
            return Target("nothing", reason="the link names no target")
        if target.startswith("#"):
            return self._heading(source, target[1:], "here")
        if target.startswith("//"):
            return Target("outside")
        scheme = _SCHEME.match(target)
        if scheme:
            name = scheme[1].lower()
            if name in ("http", "https", "mailto"):
                return Target("outside")
            return Target("nothing", reason=f"addresses with {name}: are not linked")
        path, _mark, anchor = target.partition("#")
        path = unquote(path.partition("?")[0]).replace("\\", "/")
        return self._path(path, anchor, source)

    def named(self, name: str, anchor: str) -> Target:
        """What ``[[name]]`` in the source means: a page of that title or file name."""
        found = self.by_name.get(name.strip().casefold(), [])
        if not found:
            found = self.by_name.get(_SUFFIX.sub("", PurePosixPath(name.strip()).name).casefold(), [])
        if len(found) == 1:
            return self._heading(found[0], anchor, "page") if anchor else Target("page", found[0])
        reason = "no page has this title or file name" if not found else "several pages have this name"
        return Target("nothing", reason=reason)

    def _path(self, path: str, anchor: str, source: PageRef) -> Target:
        tried = [_joined(base, path) for base in _bases(path, source)]
        for norm in tried:
            found = self._look_up(norm)
            if isinstance(found, PageRef):
                return self._heading(found, anchor, "page") if anchor else Target("page", found)
            if found is not None:
                return Target("file", file=found)
        for norm in tried:
            actual = self.folded.get((norm or "").casefold()) or self.folded.get(f"{norm or ''}.md".casefold())
            if actual and norm:
                found = self._look_up(actual)
                reason = f"the name is spelled differently: {actual}"
                if isinstance(found, PageRef):
                    return Target("page", found, reason=reason)
                return Target("file", file=found, reason=reason)
        return Target("nothing", reason=self._why(tried[0]))

    def _look_up(self, norm: str | None) -> PageRef | SourceFile | None:
        if norm is None:
            return None
        if norm in ("", "."):
            names = ("index.md", "README.md", "readme.md", "_index.md")
            return next((self.by_path[name] for name in names if name in self.by_path), None)
        bare = _SUFFIX.sub("", norm)
        names = (norm, f"{norm}.md", f"{bare}.md", f"{bare}.markdown", *(() if bare == norm else (bare,)))
        for name in names:
            if name in self.by_path:
                return self.by_path[name]
        if PurePosixPath(bare).name.lower() in ("index", "readme"):
            return self.by_path.get(str(PurePosixPath(bare).parent))
        return self.files.get(norm)

    def _why(self, norm: str | None) -> str:
        if norm is None:
            return "it points outside the imported folder"
        if norm in self.skipped:
            return f"{norm} was left alone: {self.skipped[norm]}"
        if norm in self.folders:
            return f"{norm} is a folder without pages"
        others = [path for path in self.base_names.get(PurePosixPath(norm).name.casefold(), ()) if path != norm]
        also = f"; {others[0]} has the same name" if len(others) == 1 else ""
        return f"{norm} is not in the imported folder{also}"

    def _heading(self, page: PageRef, anchor: str, kind: Literal["page", "here"]) -> Target:
        found = find_heading(page, unquote(anchor))
        if found is None:
            return Target(kind, page, reason=f"{page.path or page.key} has no heading with the address #{anchor}")
        return Target(kind, page, anchor=found[0], heading=found[1])


def _bases(path: str, source: PageRef) -> list[str]:
    """The folders that *path* may start from: that of the file, or that of the address the page had."""
    if path.startswith("/"):
        return [""]
    own = PurePosixPath(source.path or f"{source.key}index.md")
    bases = [str(own.parent)]
    if own.stem.lower() not in ("index", "readme", "_index"):
        bases.append(str(own.with_suffix("")))
    return bases


def _joined(base: str, path: str) -> str | None:
    norm = posixpath.normpath(posixpath.join(base, path.lstrip("/") if not base else path))
    return None if norm == ".." or norm.startswith("../") else "" if norm == "." else norm


def find_heading(page: PageRef, anchor: str) -> tuple[str, str] | None:
    """The heading of *page* that *anchor* names: its anchor in Plein and its text; two empty ones for the title."""
    if anchor in ("top", "content", "_top"):
        return "", ""
    by_hand = page.anchors.get(anchor)
    counts: dict[str, int] = {}
    theirs: dict[str, int] = {}
    close: tuple[str, str] | None = None
    for heading in page.headings:
        name = old_anchor(heading.text)
        number = theirs[name] = theirs.get(name, -1) + 1
        is_title = heading.level == 1 and heading.text.casefold() == page.title.casefold()
        own = kebab(heading.text) or "section"
        if not is_title:
            counts[own] = counts.get(own, 0) + 1
        found = ("", "") if is_title else (own if counts[own] == 1 else f"{own}-{counts[own]}", heading.text)
        if anchor in (name if not number else "", f"{name}_{number}") or (
            by_hand is not None and by_hand.strip() == heading.text
        ):
            return found
        if close is None and kebab(anchor) == own:
            close = found
    return close


def old_anchor(text: str) -> str:
    """The anchor that Python-Markdown gives a heading with *text* (its ``toc`` extension's slugify)."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
