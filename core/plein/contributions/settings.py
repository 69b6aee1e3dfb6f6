"""A setting that the core or a plugin declares."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from plein.contributions.checks import FAMILY_NAME, NAME, check_title, require

SettingType = type[str] | type[int] | type[bool] | type[float] | type[Path] | type[list[str]]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that a configuration file or the environment may hold.

    :param name: ``plein.site_name``, or ``wiki.something`` for a plugin; in the environment ``PLEIN_SITE_NAME``
        and ``PLEIN_WIKI_SOMETHING``. With *each* ``oidc.*.issuer``: ``*`` stands for each word.
    :param type: ``str``, ``int``, ``bool``, ``float``, ``Path`` or ``list`` (words, given as a tuple).
    :param default: the value where nothing is set; of that type (a list as a tuple).
    :param help: one line of plain text: what it does, and its unit.
    :param secret: never shown, and may be read from a file (``plein.secret_file``).
    :param choices: the only values allowed; empty for any.
    :param minimum: the least value of a number, the least length of a text; ``None`` for no limit.
    :param maximum: likewise the greatest.
    :param check: a further check of the value, which raises ValueError with text that follows the name: "must …", and
        where it is on a page ``_("must …")``.
    :param each: the name of a setting of type list; there is one of these for each word in it.
    :param on_page: administrators may change it on a page as well, where the file and the environment say nothing; it
        holds from the next request on. For what is asked anew each time, never for what ``includeme`` reads.
    :param title: what that page calls it, and *hint* a line below it, both in people's words: ``_("…")``.
    :param names: what that page calls each of the *choices*.
    """

    name: str
    type: SettingType
    default: Any
    help: str
    secret: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    check: Callable[[Any], None] | None = None
    each: str = ""
    on_page: bool = False
    title: str = ""
    hint: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pattern, form = (FAMILY_NAME, "plugin.*.some_word") if self.each else (NAME, "plugin.some_word")
        require(bool(pattern.fullmatch(self.name)), f"setting {self.name!r} needs a name of the form '{form}'")
        require(
            self.type in (str, int, bool, float, Path, list),
            f"setting {self.name} has the type {self.type!r}; use str, int, bool, float, Path or list",
        )
        require(bool(self.help.strip()), f"setting {self.name} needs a line of help")
        kind = tuple if self.type is list else self.type
        require(
            type(self.default) is kind or (kind is Path and isinstance(self.default, Path)),
            f"setting {self.name} has the default {self.default!r}, which is no {kind.__name__}",
        )
        object.__setattr__(self, "names", MappingProxyType(dict(self.names)))
        if self.on_page:
            self._check_page()

    def _check_page(self) -> None:
        owner = f"setting {self.name}"
        require(not self.secret, f"{owner} is secret, so it is never on a page; leave out on_page")
        require(not self.each and self.type is not Path, f"{owner} is of the server, so it is on no page")
        check_title(owner, self.title)
        unnamed = [word for word in self.choices if word not in self.names]
        require(not unnamed, f"{owner} is on a page and needs names={{…}} for {', '.join(unnamed)}")

    def of(self, word: str) -> "Setting":
        """This setting for one *word* of the list it is for: ``oidc.work.issuer`` of ``oidc.*.issuer``."""
        made = copy(self)
        object.__setattr__(made, "name", self.name.replace("*", word))
        return made
