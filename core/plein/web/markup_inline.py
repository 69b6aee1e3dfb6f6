"""The second look at running text: what each link, picture and ``[[wiki link]]`` of a parsed text becomes."""

from markdown_it.token import Token

from plein.web.i18n import _
from plein.web.markup_links import (
    bare_addresses,
    clean_url,
    file_name,
    heading_id,
    is_external,
    split_target,
    to_heading,
)
from plein.web.markup_parser import Work
from plein.web.markup_types import Embed, FileRef, LinkContext, MarkupTooDeep, WikiLink
from plein.web.slugs import slugify

_EXTERNAL_REL = "noopener nofollow ugc"


class Inlines:
    """Resolves the inline tokens of one text and collects what it links to.

    :ivar wiki: the distinct wiki links, by key.
    :ivar files: the distinct names of attachments, each with what was found.
    :ivar mentions: whom the text names; in order, like ``embeds`` and ``externals``, addresses on other sites.
    """

    def __init__(self, context: LinkContext, work: Work) -> None:
        self.context, self.work = context, work
        self.wiki: dict[str, WikiLink] = {}
        self.files: dict[str, FileRef | None] = {}
        self.mentions: dict[tuple[str, str], None] = {}
        self.embeds: dict[Embed, None] = {}
        self.externals: dict[str, None] = {}
        self._targets: dict[str, tuple[WikiLink, str]] = {}
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
            elif token.type == "mention":
                self.work.count("mentions")
                self.mentions[token.meta["who"]] = None
                result.append(token)
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
            token.attrs = self._attrs(href)
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
            result += anchor(self._attrs(address), piece) if address else piece
        return result

    def _attrs(self, url: str) -> dict[str, str | int | float]:
        """Attributes of a link to *url*, which is kept where it leads to another site."""
        self.work.count("links")
        attrs = link_attrs(url)
        if "rel" in attrs:
            self.externals[str(attrs["href"])] = None
        return attrs

    def _wiki(self, token: Token) -> Token:
        self.work.count("links")
        target = token.meta["target"]
        known = self._targets.get(target)
        if known is None:
            named, word, title, heading = split_target(target, self.context.types)
            space = named or self.context.space
            type_name, path = self.context.types[word] if word else ("", self.context.path)
            link = WikiLink(space, slugify(title), title, "" if path == self.context.path else type_name)
            href = self.context.page(space, title, word)
            link = self.wiki.setdefault(link.key, link)
            known = self._targets[target] = (link, f"{href}#{heading_id(heading)}" if heading else href)
        token.meta = {"key": known[0].key, "href": known[1]}
        return token

    def embed(self, space: str | None, type: str, title: str) -> Embed:
        """What is to be shown in this place."""
        self.work.count("embeds")
        known = self.context.types.get(type)
        embed = Embed(known[0] if known else type, space or self.context.space, slugify(title))
        self.embeds[embed] = None
        return embed

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
            attrs = self._attrs(source)
            if "href" in attrs:
                attrs["class"] = "picture-link"
            text = alt or source
        else:
            found = self._file(name)
            if found and found.is_image:
                alt = alt or found.alt
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
        elif token.type in ("text", "text_special", "code_inline", "wiki_link", "mention", "image"):
            parts.append(token.content)
    return "".join(parts)


#: How wide a picture is at most: as the column of text, or as a small screen.
_SIZES = "(min-width: 48rem) 46rem, 100vw"


def _picture(file: FileRef, alt: str, title: str) -> dict[str, str | int | None]:
    return {
        "src": file.url,
        "srcset": ", ".join(f"{url} {width}w" for width, url in (*file.sizes, (file.width, file.url)))
        if file.sizes
        else None,
        "sizes": _SIZES if file.sizes else None,
        "alt": alt,
        "title": title or None,
        "width": file.width,
        "height": file.height,
        "loading": "lazy",
        "decoding": "async",
    }
