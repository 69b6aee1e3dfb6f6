"""Makes a message of a template: HTML, the same as plain text, and headers that hold one line each."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from chameleon import PageTemplateFile
from pyramid.i18n import Localizer, make_localizer

from plein.plugins import Plugins

#: One address, without a name, comments, quotes or lists: what cannot be misread cannot be misused.
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x20\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x20\x7f]{1,255}")

Parts = tuple[str, str, str]


class AddressError(ValueError):
    """What was given is no mail address."""


def checked_address(text: str) -> str:
    """*text* as one mail address.

    :raises AddressError: where it is none, or more than one, or holds a line break.
    """
    if not _ADDRESS.fullmatch(text) or ".." in text or "." in (text[0], text[-1]):
        raise AddressError(f"{text[:60]!r} is no mail address")
    return text


def one_line(text: str) -> str:
    """*text* for a header: whatever breaks or controls a line is a space."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]", " ", text).split())


# -- words ---------------------------------------------------------------------------------------------------------


def localizer(plugins: Plugins | None, locale: str) -> Localizer:
    """The words of the core and of plugins in *locale*, without a request."""
    modules = [info.module.__name__ for info in plugins.plugins] if plugins is not None else []
    return _localizer(locale, ("plein", *modules))


@lru_cache(maxsize=16)
def _localizer(locale: str, packages: tuple[str, ...]) -> Localizer:
    folders = (_folder(package) / "locale" for package in packages)
    return make_localizer(locale, [str(folder) for folder in folders if folder.is_dir()])


def _folder(package: str) -> Path:
    return Path(str(import_module(package).__file__)).parent


# -- the template --------------------------------------------------------------------------------------------------


def render(template: str, values: Mapping[str, Any], words: Localizer) -> str:
    """The HTML of a mail.

    :param template: ``plein:templates/mail/invitation.pt``.
    """

    def translate(text: Any, domain: str | None = None, mapping: Any = None, **_more: Any) -> str:
        return str(words.translate(text, domain=domain, mapping=mapping))

    names = {"layout": _template("plein:templates/mail/layout.pt"), "locale": words.locale_name}
    found: str = _template(template).render(translate=translate, **names, **values)
    return found


@lru_cache(maxsize=64)
def _template(name: str) -> PageTemplateFile:
    package, _, path = name.partition(":")
    return PageTemplateFile(str(_folder(package) / path))


class _Text(HTMLParser):
    """Plain text of the HTML that our templates make: paragraphs, lists, and links with their address behind them."""

    _BLOCKS = frozenset({"p", "h1", "h2", "h3", "li", "ul", "ol", "div", "table", "tr", "hr", "body"})
    _UNSEEN = frozenset({"head", "title", "style", "script"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0
        self.link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._UNSEEN:
            self.unseen += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag in self._BLOCKS:
            self.parts.append("\n- " if tag == "li" else "\n\n")
        elif tag == "a":
            self.link = (dict(attrs).get("href") or "", len(self.parts))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self.unseen -= 1
        elif tag == "a" and self.link is not None:
            address, start = self.link
            self.link = None
            if "".join(self.parts[start:]).strip() != address:
                self.parts.append(f"\n{address}\n")
        elif tag in self._BLOCKS - {"li"}:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain_text(html: str) -> str:
    """What *html* says, for mail programs that show text, and for readers who prefer it."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(parser.parts))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


# -- the message ---------------------------------------------------------------------------------------------------


#: Headers that a mail may bring beside our own (RFC 2369, RFC 2919, RFC 8058).
LIST_HEADERS = frozenset({"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"})


def list_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """*headers*, each in one line.

    :raises ValueError: for one that is not of :data:`LIST_HEADERS`.
    """
    unknown = set(headers) - LIST_HEADERS
    if unknown:
        raise ValueError(f"a mail cannot bring the headers {sorted(unknown)}")
    return {name: one_line(value) for name, value in headers.items()}


def build(
    *,
    sender: str,
    sender_name: str,
    to: str,
    subject: str,
    html: str,
    message_id: str,
    date: datetime,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> EmailMessage:
    """A message with a text and an HTML part. Encoded so that no line of ours can be taken for a command.

    :param message_id: the same at each attempt, so that a second copy can be recognised.
    :param headers: of :data:`LIST_HEADERS`.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=one_line(sender_name), addr_spec=checked_address(sender))
    message["To"] = Address(addr_spec=checked_address(to))
    message["Subject"] = one_line(subject)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    # No out-of-office answers, please.
    message["Auto-Submitted"] = "auto-generated"
    for name, value in list_headers(headers).items():
        message[name] = value
    message.set_content(plain_text(html), cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message


def settled(values: Mapping[str, Any], words: Localizer) -> dict[str, Any]:
    """*values* with what is to be translated translated, lists included: as JSON can hold them."""
    return {name: _settled(value, words) for name, value in values.items()}


def _settled(value: Any, words: Localizer) -> Any:
    if hasattr(value, "interpolate"):
        return str(words.translate(value))
    if isinstance(value, Mapping):
        return settled(value, words)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_settled(one, words) for one in value]
    return value
