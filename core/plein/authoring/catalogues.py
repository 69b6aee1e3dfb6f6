"""Translations: collect the words of Python and templates, keep the catalogues in step, and check that they are.

Each package has a domain of its own name: ``plein``, ``plein_wiki``, … Makers of plugins use it as ``plein plugin
words NAME``; who works on Plein itself as ``python tools/catalogues.py update``.
"""

import ast
import html
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

LOCALES = ("nl", "en")
#: A message: one text, or singular and plural.
Id = str | tuple[str, str]

_CALL = re.compile(r"(?<![\w.])(?:_|ngettext)\(")
_HOLE = re.compile(r"\$\{(\w+)\}")
#: In the files, so that nothing changes when no word did.
_DATE = datetime(2026, 1, 1, tzinfo=UTC)


class WordError(ValueError):
    """A text that cannot be translated as it is written; says where."""


@dataclass
class Package:
    """A package with words: its folder, and where each message stands, seen from *root*."""

    domain: str
    folder: Path
    root: Path
    found: dict[Id, set[str]] = field(default_factory=dict)

    @property
    def locale(self) -> Path:
        return self.folder / "locale"

    def po(self, locale: str) -> Path:
        return self.locale / locale / "LC_MESSAGES" / f"{self.domain}.po"

    def collect(self) -> None:
        for path in sorted([*self.folder.rglob("*.py"), *self.folder.rglob("*.pt")]):
            where = path.relative_to(self.root).as_posix()
            source = path.read_text(encoding="utf-8")
            messages = in_python(source) if path.suffix == ".py" else in_template(source, where)
            for message in messages:
                self.found.setdefault(message, set()).add(where)


def in_python(source: str) -> Iterator[Id]:
    """Messages in calls of ``_`` and ``ngettext``, in any part of a module or expression."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name == "_" and texts:
            yield texts[0]
        elif name in ("ngettext", "pluralize") and len(texts) >= 2:
            yield texts[0], texts[1]


def in_template(source: str, where: str) -> Iterator[Id]:
    """Messages in i18n:translate, i18n:attributes, and calls inside expressions."""
    reader = _Words(where)
    reader.feed(source)
    reader.close()
    yield from reader.found
    for match in _CALL.finditer(re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)):
        yield from in_python(_balanced(match.string, match.start(), where))


def _balanced(source: str, start: int, where: str) -> str:
    """The call that begins at *start*, up to its closing parenthesis."""
    depth, quote = 0, ""
    for at in range(start, len(source)):
        sign = source[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if not depth:
                return html.unescape(source[start : at + 1]).replace(";;", ";")
    raise WordError(f"{where}: a call is not closed: {source[start : start + 60]}")


class _Words(HTMLParser):
    """Collects what Chameleon would translate in elements and attributes."""

    VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
    CDATA_CONTENT_ELEMENTS = ()  # type: ignore[misc]

    def __init__(self, where: str) -> None:
        super().__init__(convert_charrefs=True)
        self.where = where
        self.found: list[Id] = []
        #: per open element: tag, the text it collects or None
        self.open: list[tuple[str, list[str] | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        for name in filter(None, re.split(r"[;\s]+", values.get("i18n:attributes", ""))):
            if text := values.get(name, "").strip():
                self.add(text)
        outer = self.open[-1][1] if self.open else None
        collects: list[str] | None = None
        if outer is not None:
            if "i18n:name" in values:
                outer.append("${" + values["i18n:name"] + "}")
            elif "i18n:translate" not in values:
                collects = outer
        if "i18n:translate" in values:
            if values["i18n:translate"]:
                self.add(values["i18n:translate"])
            else:
                collects = []
        if tag not in self.VOID:
            self.open.append((tag, collects))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise WordError(f"{self.where}: </{tag}> closes nothing")
        _, text = self.open.pop()
        outer = self.open[-1][1] if self.open else None
        if text is not None and text is not outer and (whole := " ".join("".join(text).split())):
            self.add(whole)

    def handle_data(self, data: str) -> None:
        if self.open and (text := self.open[-1][1]) is not None:
            if "${" in data:
                raise WordError(f"{self.where}: use i18n:name instead of an expression in “{data.strip()}”")
            text.append(data)

    def add(self, text: str) -> None:
        if _HOLE.sub("", text).strip():
            self.found.append(text)


def template_of(package: Package) -> Catalog:
    """All messages of *package* as a catalogue without translations."""
    catalog = Catalog(
        project="Plein", domain=package.domain, copyright_holder="Plein", creation_date=_DATE, revision_date=_DATE
    )
    catalog.header_comment = f"# Words of {package.domain}."
    for message in sorted(package.found, key=lambda one: one if isinstance(one, str) else one[0]):
        catalog.add(message, locations=[(where, None) for where in sorted(package.found[message])])  # type: ignore[misc]
    return catalog


def read(package: Package, locale: str) -> Catalog:
    """The catalogue of *package* in *locale* as it is on disk; empty when there is none yet."""
    path = package.po(locale)
    if not path.exists():
        return Catalog(locale=locale, domain=package.domain, creation_date=_DATE, revision_date=_DATE)
    with path.open("rb") as file:
        return read_po(file, locale=locale, domain=package.domain)


def compiled(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def compile_file(path: Path) -> None:
    """Write the ``.mo`` beside a ``.po`` file."""
    with path.open("rb") as file:
        catalog = read_po(file, domain=path.stem)
    path.with_suffix(".mo").write_bytes(compiled(catalog))


def update(package: Package, dutch: Mapping[str, str] | None = None) -> list[str]:
    """Write the template, the catalogues and their compiled form; answers what is not translated yet.

    :param dutch: translations that are known already, by message.
    """
    template = template_of(package)
    package.locale.mkdir(parents=True, exist_ok=True)
    with (package.locale / f"{package.domain}.pot").open("wb") as file:
        write_po(file, template, width=110, include_lineno=False)
    todo = []
    for locale in LOCALES:
        catalog = read(package, locale)
        catalog.update(template, no_fuzzy_matching=True, update_header_comment=True)
        catalog.obsolete.clear()
        catalog.creation_date = catalog.revision_date = _DATE
        for message in catalog:
            if locale == "en" and message.id:
                message.string = message.id
            elif dutch and isinstance(message.id, str) and message.id in dutch:
                message.string = dutch[message.id]
        path = package.po(locale)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=110, include_lineno=False)
        path.with_suffix(".mo").write_bytes(compiled(read(package, locale)))
        name = path.relative_to(package.root)
        todo += [f"{name}: {message.id}" for message in catalog if message.id and _empty(message.string)]
    return todo


def check(package: Package) -> list[str]:
    """What is wrong with the catalogues of *package*, a sentence each."""
    wrong = []
    for locale in LOCALES:
        path = package.po(locale)
        name = path.relative_to(package.root).as_posix()
        if not path.exists():
            wrong.append(f"{name} does not exist.")
            continue
        catalog = read(package, locale)
        there = {message.id for message in catalog if message.id}
        wrong += [f"{name} lacks {message!r}." for message in package.found.keys() - there]
        wrong += [f"{name} has {message!r}, which nothing uses." for message in there - package.found.keys()]
        for message in catalog:
            if not message.id:
                continue
            if message.fuzzy:
                wrong.append(f"{name}: {message.id!r} is fuzzy.")
            if _empty(message.string):
                wrong.append(f"{name}: {message.id!r} is not translated.")
            elif _holes(message.id) != _holes(message.string or ""):
                wrong.append(f"{name}: {message.id!r} and its translation name different values.")
        mo = path.with_suffix(".mo")
        if not mo.exists() or mo.read_bytes() != compiled(catalog):
            wrong.append(f"{mo.relative_to(package.root).as_posix()} is not compiled from what the .po says.")
    return wrong


def _empty(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return not string or not all(string)


def _holes(text: str | tuple[str, ...] | list[str]) -> set[str]:
    """Names of values in a message; those of a plural form taken together."""
    parts = [text] if isinstance(text, str) else text
    return {match[1] for part in parts for match in _HOLE.finditer(part)}
