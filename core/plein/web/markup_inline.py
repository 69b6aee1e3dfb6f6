"""The second look at running text: what each link, picture and ``[[wiki link]]`` of a parsed text becomes."""

from markdown_it.token import Token

from plein.web.i18n import _
from plein.web.markup_links import (
    bare_addresses,
    clean_url,
    file_name,
    heading_id,
    is_external,
    to_heading,
)
from plein.web.markup_parser import Work
from plein.web.markup_types import FileRef, LinkContext, MarkupTooDeep, WikiLink
from plein.web.slugs import slugify

_EXTERNAL_REL = "noopener nofollow ugc"


class Inlines:
    """Resolves the inline tokens of one text and collects what it links to.

    :ivar wiki: the distinct wiki links, by key.
    :ivar files: the distinct names of attachments, each with what was found.
    """

    def __init__(self, context: LinkContext, work: Work) -> None:
        self.context, self.work = context, work
        self.wiki: dict[str, WikiLink] = {}
        self.files: dict[str, FileRef | None] = {}
        self._targets: dict[tuple[str | None, str], tuple[WikiLink, str]] = {}
        self._room = work.limits.max_html_kb * 1024

    def resolve(self, children: list[Token]) -> list[Token]:
        """New tokens for ``children``, ready to be written.

        :raises MarkupTooDeep: nested too deep, or addresses repeated until the page is far larger than its source.
        """
        result: list[Token] = []
        open_links: list[str] = []
        depth = 0
        for token in children:
            depth += token.nesting
            self.work.check_depth(depth)
            if token.type == "link_open":
                self._link(token)
                open_links.append(token.tag)
                result.append(token)
            elif token.type == "link_close":
                token.tag = open_links.pop()
                result.append(token)
            elif token.type == "text":
                result += self._text(token, linked=bool(open_links))
            elif token.type == "image":
                result += self._image(token, linked=bool(open_links))
            elif token.type == "wiki_link":
                result.append(self._wiki(token))
            else:
                result.append(token)
        return result

    def _take(self, *texts: str) -> None:
        """A definition can be referred to again and again: the length of what that writes is bounded."""
        self._room -= sum(map(len, texts))
        if self._room < 0:
            raise MarkupTooDeep(_("The links in this text repeat so often that the page becomes too large."))

    def _link(self, token: Token) -> None:
        href, title = str(token.attrs.get("href", "")), str(token.attrs.get("title", ""))
        self._take(href, title)
        name = file_name(href)
        if name is not None:
            found = self._file(name)
            token.attrs = {"class": "file", "href": found.url} if found else {"class": "missing-file"}
        else:
            token.attrs = link_attrs(href)
        if "href" not in token.attrs:
            token.tag = "span"
        elif title:
            token.attrs["title"] = title

    def _text(self, token: Token, linked: bool) -> list[Token]:
        if linked or "://" not in token.content:
            return [token]
        result: list[Token] = []
        for text, address in bare_addresses(token.content):
            piece = [Token("text", "", 0, content=text)]
            result += anchor(link_attrs(address), piece) if address else piece
        return result

    def _wiki(self, token: Token) -> Token:
        named, title = token.meta["space"], token.meta["title"]
        known = self._targets.get((named, title))
        if known is None:
            space = named or self.context.space
            link = WikiLink(space, slugify(title), title)
            known = self._targets[named, title] = (
                self.wiki.setdefault(link.key, link),
                self.context.page(space, title),
            )
        link, href = known
        heading = token.meta["heading"]
        token.meta = {"key": link.key, "href": f"{href}#{heading_id(heading)}" if heading else href}
        return token

    def _file(self, name: str) -> FileRef | None:
        if name not in self.files:
            self.files[name] = self.context.file(name)
        return self.files[name]

    def _image(self, token: Token, linked: bool) -> list[Token]:
        source, title = str(token.attrs.get("src", "")), str(token.attrs.get("title", ""))
        self._take(source, title)
        alt = plain(token.children or []).strip()
        name = file_name(source)
        if name is None:
            # Pictures of other sites would tell them who reads this page: a link, never a picture.
            attrs = link_attrs(source)
            if "href" in attrs:
                attrs["class"] = "picture-link"
            text = alt or source
        else:
            found = self._file(name)
            if found and found.is_image:
                token.meta = {"attrs": _picture(found, alt, title)}
                token.content = alt
                return [token]
            attrs = {"class": "file", "href": found.url} if found else {"class": "missing-file"}
            text = (alt or name) if found else self._missing(name, alt)
        piece = [Token("text", "", 0, content=text)]
        return piece if linked and "href" in attrs else anchor(attrs, piece)

    def _missing(self, name: str, alt: str) -> str:
        note = f"{self.context.label('missing')} {name}"
        return f"{note} ({alt})" if alt and alt != name else note


def link_attrs(url: str) -> dict[str, str | int | float]:
    """Attributes of a link to ``url``; without ``href`` when it may not be linked to."""
    cleaned = clean_url(url)
    if cleaned is None:
        return {"class": "broken-link"}
    if is_external(cleaned):
        return {"href": cleaned, "class": "external", "rel": _EXTERNAL_REL}
    return {"href": to_heading(cleaned)}


def anchor(attrs: dict[str, str | int | float], content: list[Token]) -> list[Token]:
    """``content`` inside a link, or inside a span when ``attrs`` has no address."""
    tag = "a" if "href" in attrs else "span"
    return [Token("link_open", tag, 1, attrs=attrs), *content, Token("link_close", tag, -1)]


def plain(children: list[Token]) -> str:
    """Text of inline tokens, without mark-up; line breaks become blanks."""
    parts: list[str] = []
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif token.type == "image" and token.children and not token.content:
            parts.append(plain(token.children))
        elif token.type in ("text", "text_special", "code_inline", "wiki_link", "image"):
            parts.append(token.content)
    return "".join(parts)


def _picture(file: FileRef, alt: str, title: str) -> dict[str, str | int | None]:
    return {
        "src": file.url,
        "alt": alt,
        "title": title or None,
        "width": file.width,
        "height": file.height,
        "loading": "lazy",
        "decoding": "async",
    }
