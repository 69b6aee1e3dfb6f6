"""Links of an imported page, pointed at pages and files in Plein.

A link to a page becomes ``[[Title|text]]`` where it can, so that Plein keeps it working when the page is renamed and
counts it as a backlink. What leads nowhere stays readable: its text, with the target beside it.
"""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote

from plein.transfer.html_inline import code
from plein.transfer.lines import CLOSE, OPEN, Line, paragraphs
from plein.transfer.link_parser import Parser
from plein.transfer.lists import labels, pages_of_list
from plein.transfer.marks import program_text
from plein.transfer.mkdocs import Converted, plain_text
from plein.transfer.notes import Notes
from plein.transfer.scan import SourceFile
from plein.transfer.site import PageRef, Site, Target
from plein.web.slugs import kebab, slugify
from plein.web.sniffing import clean_name

_DEFINITION = re.compile(
    r"^ {0,3}\[(?!\^)([^\[\]]+)\]:[ ]*(?:<([^<>]*)>|(\S+))(?:[ ]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ ]*$"
)
_RULER = re.compile(r"^[ >]*(?:\|[ ]*:?-+:?[ ]*|:?-+:?[ ]*(?=\|))(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*$")
_WRAPPED = re.compile(r"^(\*\*|__|\*|_)([^*_]+)\1$")
_TOKEN_LINE = re.compile(rf"^([ >]*)({OPEN}L[0-9]+{CLOSE})[ ]*$")
_TOKEN = re.compile(f"{OPEN}L[0-9]+{CLOSE}")
_MAX_WIKI = 290


@dataclass(slots=True)
class LinkReport:
    """What became of the links of a page.

    :param resolved: how many lead to ``page``, ``here`` (this page), ``file``, ``outside``.
    :param unresolved: line, target as written, reason.
    :param remarks: the same, for links that lead somewhere, but not quite as written.
    :param targets: the keys of the pages linked to.
    :param files: name of a file → line and target as written of each link to it.
    """

    resolved: dict[str, int] = field(default_factory=dict)
    unresolved: list[tuple[int, str, str]] = field(default_factory=list)
    remarks: list[tuple[int, str, str]] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)
    files: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


class Linker:
    """Rewrites the links of one page.

    :param address: the part of an address before the slug: ``/spaces/{space}/{path}``.
    :ivar files: the files that the page needs, by the name they get there.
    """

    def __init__(self, page: PageRef, site: Site, address: str) -> None:
        self.page, self.site, self.address = page, site, address
        self.report = LinkReport()
        self.files: dict[str, SourceFile] = {}
        self._names: dict[str, str] = {}
        self._references: dict[str, str] = {}

    def rewrite(self, converted: Converted) -> str:
        """The body of the page, links resolved and lists written out."""
        lines = self._take_definitions(converted.lines)
        result: list[Line] = []
        for paragraph in paragraphs(lines):
            text = "\n".join(line.text for line in paragraph)
            if paragraph[0].code or "[" not in text:
                result += paragraph
                continue
            numbers = [line.number for line in paragraph]
            in_table = any(_RULER.match(line.text) for line in paragraph)
            changed = Parser(text, _numbering(text, numbers)).run(self, in_table).split("\n")
            result += [Line(part, numbers[min(at, len(numbers) - 1)]) for at, part in enumerate(changed)]
        return converted.body(self._write_lists(result, converted))

    # -- what a link becomes ---------------------------------------------------------------------------------------

    def link(
        self, text: str, target: str, title: str, number: int, *, picture: bool, in_table: bool, following: str = ""
    ) -> str:
        """One link or picture as it will stand in the page.

        :param following: the sign after it.
        """
        found = self.site.find(html.unescape(target), self.page)
        title = f" {title}" if title else ""
        if found.kind == "outside" or (picture and found.kind in ("page", "here")):
            self._count("outside")
            dest = f"https:{target}" if target.startswith("//") else target
            return f"{'!' if picture else ''}[{text}]({dest}{title})"
        if found.kind == "nothing":
            self.report.unresolved.append((number, target, found.reason))
            shown = text.strip()
            return shown if target in ("", "#") and shown else f"{shown} ({_code(target)})" if shown else _code(target)
        if found.reason:
            self.report.remarks.append((number, target, found.reason))
        self._count(found.kind)
        if found.kind == "file" and found.file:
            return f"{'!' if picture else ''}[{text}](file:{quote(self._file(found.file, number, target))}{title})"
        # A wiki link with a bracket after it would not be one.
        return self._page_link(text, found, in_table, plainly=following == "(")

    def reference(self, label: str) -> str | None:
        """The target of a reference-style link that leads to a page or file of the import."""
        return self._references.get(_label(label))

    def wiki(self, written: str, number: int, in_table: bool) -> str:
        """A ``[[link]]`` or ``![[picture]]`` of the source."""
        picture = written.startswith("!")
        name, _bar, text = written.lstrip("!")[2:-2].replace("\\|", "|").partition("|")
        name, _mark, anchor = name.partition("#")
        found = self.site.named(name, anchor) if name.strip() else self.site.find(f"#{anchor}", self.page)
        if found.kind == "nothing":
            files = [path for path in self.site.base_names.get(name.strip().casefold(), ()) if path in self.site.files]
            if len(files) == 1:
                self._count("file")
                label = text.strip() or name.strip()
                attached = quote(self._file(self.site.files[files[0]], number, written))
                return f"{'!' if picture else ''}[{label}](file:{attached})"
            self.report.unresolved.append((number, written, found.reason))
            return written.lstrip("!")
        self._count(found.kind)
        return self._page_link(text.strip() or name.strip(), found, in_table)

    def page_link(self, page: PageRef) -> str:
        """A link to *page* with its title as text."""
        return self._page_link(page.title, Target("page", page), in_table=False)

    def _page_link(self, text: str, found: Target, in_table: bool, *, plainly: bool = False) -> str:
        page = found.page
        assert page is not None  # noqa: S101 - kinds page and here always have one
        self.report.targets.add(page.key)
        if found.kind == "here":
            return f"[{text}](#{found.anchor})" if found.anchor else text
        wrapped = _WRAPPED.match(text.strip())
        mark, inner = (wrapped[1], wrapped[2]) if wrapped else ("", text.strip())
        inner = " ".join(inner.split())
        wiki = "" if plainly else self._wiki_form(page, inner, found, in_table)
        if wiki:
            return f"{mark}{wiki}{mark}"
        anchor = f"#{found.anchor}" if found.anchor else ""
        return f"[{text or page.title}]({self.address}/{page.slug}{anchor})"

    def _wiki_form(self, page: PageRef, text: str, found: Target, in_table: bool) -> str:
        """``[[…]]`` for a link, or nothing where it cannot say the same."""
        if "\\" in text or OPEN in text or plain_text(text) != text:
            return ""
        text = html.unescape(text)
        if not text or re.search(r"[\[\]\n<`]", text) or text.startswith("!"):
            return ""
        name = page.title if _is_safe(page.title) and slugify(page.title) == page.slug else page.slug
        part = ""
        if found.anchor:
            own_words = kebab(found.heading) == found.anchor and not re.search(r"[\[\]|#\\]", found.heading)
            part = f"#{found.heading if own_words else found.anchor}"
        bar = "\\|" if in_table else "|"
        for target in dict.fromkeys((name + part, page.slug + (f"#{found.anchor}" if part else ""))):
            wiki = f"[[{target}]]" if text == target and "|" not in text else f"[[{target}{bar}{text}]]"
            if len(wiki) <= _MAX_WIKI and (not in_table or "|" not in text):
                return wiki
        return ""

    def _file(self, file: SourceFile, line: int, target: str) -> str:
        """The name that *file* has at this page, for the link to *target* in *line*."""
        name = self._name(file)
        self.report.files.setdefault(name, []).append((line, target))
        return name

    def _name(self, file: SourceFile) -> str:
        """Its own name, with a number where two differ and are called alike."""
        if file.path in self._names:
            return self._names[file.path]
        wanted = clean_name(PurePosixPath(file.path).name)
        stem, suffix = PurePosixPath(wanted).stem, PurePosixPath(wanted).suffix
        name, number = wanted, 1
        while name in self.files:
            number += 1
            name = f"{stem}-{number}{suffix}"
        self._names[file.path] = name
        self.files[name] = file
        return name

    def _count(self, kind: str) -> None:
        self.report.resolved[kind] = self.report.resolved.get(kind, 0) + 1

    # -- what else stands in the text ------------------------------------------------------------------------------

    def _take_definitions(self, lines: Sequence[Line]) -> list[Line]:
        """Without the definitions of reference-style links that lead to something in the import."""
        result = []
        for line in lines:
            match = None if line.code or "]:" not in line.text else _DEFINITION.match(line.text)
            target = (match[2] if match[2] is not None else match[3]) if match else ""
            if match and self.site.find(target, self.page).kind != "outside":
                self._references.setdefault(_label(match[1]), target)
                line = line._replace(text="")
            elif match:
                self._count("outside")
            result.append(line)
        return result

    def _write_lists(self, lines: Sequence[Line], converted: Converted) -> list[Line]:
        result: list[Line] = []
        for index, line in enumerate(lines):
            if line.code or OPEN not in line.text:
                result.append(line)
                continue
            alone = _TOKEN_LINE.match(line.text)
            if alone:
                items = self._items(converted, alone[2])
                if items is not None:
                    margin = alone[1]
                    edge = Line(margin.rstrip(), line.number)
                    result += [edge, *(Line(margin + item, line.number) for item in items)]
                    if items and index + 1 < len(lines) and lines[index + 1].text.strip(" >"):
                        result.append(edge)
                    continue
            result.append(line._replace(text=_TOKEN.sub(lambda match: self._visible(converted, match[0]), line.text)))
        return result

    def _items(self, converted: Converted, token: str) -> list[str] | None:
        """What a comment stood for, as list items; ``None`` where that is not known."""
        notes: Notes = converted.notes
        number, text = program_text(converted.kept.pieces[token])
        if text == "tags":
            notes.add("labels", number, "Plein shows the labels of a page itself")
            return []
        if text.startswith("tags"):
            items = labels(converted.rest)
            if items:
                notes.add("labels", number, f"{text}: the labels were written out")
            return items or None
        pages = pages_of_list(text, self.page, self.site)
        if not pages:
            return None
        notes.add("list", number, f"{text}: written out, {len(pages)} pages")
        return [f"- {self.page_link(page)}" for page in pages]

    def _visible(self, converted: Converted, token: str) -> str:
        number, text = program_text(converted.kept.pieces[token])
        converted.notes.add("template", number, text)
        return converted.kept.keep(f"`{text}`")


def _numbering(text: str, numbers: list[int]) -> Callable[[int], int]:
    return lambda position: numbers[text.count("\n", 0, position)]


def _is_safe(title: str) -> bool:
    """Whether ``[[title]]`` means that title, and not a space, a heading or a text of its own."""
    return not re.search(r"[\[\]|#\\]", title) and not re.match(r"[a-z0-9][a-z0-9-]{0,79}:\S", title)


def _label(text: str) -> str:
    return " ".join(text.casefold().split())


def _code(target: str) -> str:
    return code(target) if target else ""
