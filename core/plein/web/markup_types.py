"""What goes into rendering Markdown and what comes out: the words that callers of :mod:`plein.web.markup` use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from translationstring import TranslationString

from plein.web.i18n import _
from plein.web.slugs import slugify

#: In front of every id in rendered text, so that nothing a person writes can pose as a part of the page.
ID_PREFIX = "user-content-"

#: Words that rendering adds to a text, in the language of the text (not of the reader: the HTML is kept).
LABELS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "note": "Note",
        "tip": "Tip",
        "important": "Important",
        "warning": "Warning",
        "caution": "Caution",
        "table": "Table",
        "task": "Task",
        "footnotes": "Footnotes",
        "back": "Back to the text at footnote",
        "missing": "Missing file:",
        "media": "Video on",
    },
    "nl": {
        "note": "Opmerking",
        "tip": "Tip",
        "important": "Belangrijk",
        "warning": "Waarschuwing",
        "caution": "Pas op",
        "table": "Tabel",
        "task": "Taak",
        "footnotes": "Voetnoten",
        "back": "Terug naar de tekst bij voetnoot",
        "missing": "Bestand ontbreekt:",
        "media": "Video op",
    },
}


class MarkupError(ValueError):
    """A text that is not rendered. ``sentence`` says why, to be translated; ``str()`` gives it in English."""

    def __init__(self, sentence: TranslationString) -> None:
        super().__init__(sentence.interpolate())
        self.sentence = sentence


class MarkupTooLarge(MarkupError):
    """More text than the limit allows."""


class MarkupTooDeep(MarkupError):
    """Nested too deep, or too intricate to render within the bound on work."""


@dataclass(frozen=True, slots=True)
class MarkupLimits:
    """Bounds on one text.

    :param max_kb: size in units of 1024 bytes of UTF-8.
    :param max_depth: quotes, lists, brackets or emphasis inside each other.
    :param max_steps: work; see :mod:`plein.web.markup_parser`.
    :param max_seconds: time of the processor that taking the text apart may take, whatever its steps.
    :param max_html_kb: size of the HTML made of it.
    :param max_links: links, of all kinds; likewise mentions of people and groups, embeds and footnotes.
    """

    max_kb: int = 256
    max_depth: int = 40
    max_steps: int = 80_000
    max_seconds: float = 2.0
    max_html_kb: int = 4096
    max_links: int = 2_000
    max_mentions: int = 50
    max_embeds: int = 20
    max_footnotes: int = 500

    def check(self, source: str) -> None:
        """Refuse a text that is too large, before any work is done.

        :raises MarkupTooLarge: with the size and the limit in one sentence.
        """
        size = len(source.encode("utf-8", "replace"))
        if size > self.max_kb * 1024:
            raise MarkupTooLarge(
                _(
                    "This text is ${size} KB. At most ${limit} KB fits on one page: divide it over more pages.",
                    mapping={"size": -(-size // 1024), "limit": self.max_kb},
                )
            )


@dataclass(frozen=True, slots=True)
class FileRef:
    """Where an attachment is. Width and height in pixels, of a picture that may be shown in the page.

    :param alt: what the picture shows, for where the text does not say it.
    :param sizes: addresses of the picture in fewer pixels, each with its width.
    """

    url: str
    width: int | None = None
    height: int | None = None
    is_image: bool = False
    alt: str = ""
    sizes: tuple[tuple[int, str], ...] = ()


def no_files(name: str) -> FileRef | None:
    """For a text without attachments."""
    return None


@dataclass(frozen=True, slots=True)
class LinkContext:
    """What a text needs to know about where it stands, to make its links.

    :param space: slug of the space; ``[[Title]]`` means a page in it.
    :param path: part of the address of the content type, as in ``/spaces/{space}/{path}/{slug}``.
    :param language: of the text, for the words that rendering adds.
    :param files: gives the attachment of a name, or None.
    :param types: what ``[[type:Title]]`` and ``{{type:slug}}`` may name: name or path of each type of content, with
        both its name and its path.
    """

    space: str = ""
    path: str = "wiki"
    language: str = "nl"
    files: Callable[[str], FileRef | None] = no_files
    types: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: LABELS)

    def page(self, space: str, title: str, type_word: str | None = None) -> str:
        """The address of what is called ``title`` in ``space``, whether it exists or not."""
        path = self.path if type_word is None else self.types[type_word][1]
        return f"/spaces/{space}/{path}/{slugify(title)}"

    def file(self, name: str) -> FileRef | None:
        """The attachment called ``name``."""
        return self.files(name)

    def label(self, name: str) -> str:
        """A word that rendering adds, in the language of the text; English for other languages."""
        words = self.labels.get(self.language) or self.labels["en"]
        return words[name]


@dataclass(frozen=True, slots=True)
class WikiLink:
    """A ``[[link]]``: slug of the space, slug of the page, and the title as written.

    :param type: the name of its content type, where the link names another type than that of the text.
    """

    space: str
    slug: str
    title: str
    type: str = ""

    @property
    def key(self) -> str:
        """What stands in ``data-link``, and what :func:`plein.web.markup.mark_wanted` is given."""
        return ":".join(part for part in (self.space, self.type, self.slug) if part)


class Embed(NamedTuple):
    """What ``{{space/type:slug}}`` asks for: name of the type (as written, where none is called so), space and slug."""

    type: str
    space: str
    slug: str

    @property
    def key(self) -> str:
        """What stands in ``data-embed``."""
        return f"{self.space}/{self.type}:{self.slug}"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text, rendered.

    :param html: sanitised; the same for every reader.
    :param text: without mark-up, a line per block.
    :param outline: ``[level, anchor, text]`` of each heading outside quotes and lists; level 2 to 6, ``anchor`` is the
        whole id, so ``href="#" + anchor``.
    :param links: distinct ``[[links]]`` in order of appearance.
    :param files: distinct names of attachments referred to, present or missing, in order.
    :param mentions: whom it names: ``("user", login)`` or ``("group", slug)``, each once, whether there is one or not.
    :param embeds: what it wants shown in its place, each once.
    :param externals: addresses on other sites that it links to, each once.
    """

    html: str
    text: str
    outline: list[list[int | str]]
    links: list[WikiLink]
    files: list[str]
    mentions: list[tuple[str, str]] = field(default_factory=list)
    embeds: list[Embed] = field(default_factory=list)
    externals: list[str] = field(default_factory=list)
