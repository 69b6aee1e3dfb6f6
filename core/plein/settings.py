"""Settings: each declared with a type, a default and help, read from the configuration file and the environment.

What is not declared, or does not fit, is an error with the nearest name. All errors are told at once.
``python -m plein.settings`` writes docs/settings.md.
"""

import difflib
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from plein.contributions import Setting
from plein.core_settings import CORE_SETTINGS

#: Environment variables of the command line and of the developer's tools; they are no settings.
_OTHER_VARIABLES = re.compile(r"PLEIN_(CONFIG|(DEV|TEST|BENCH)_\w+)")

#: First words of keys that belong to what Plein is built on, and pass untouched.
_FOREIGN = ("pyramid", "tm", "retry", "debugtoolbar")

#: Where a value comes from that nobody gave, and one that was chosen on a page.
DEFAULT, PAGE = "default", "page"

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


class SettingsError(Exception):
    """Settings that cannot be used.

    :ivar problems: one sentence each.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Settings(Mapping[str, Any]):
    """The values in force, by name. Never changes: :mod:`plein.adjusting` has those that people change on a page.

    :ivar declared: the settings that there are, one for each word of those that are for each word of a list.
    :ivar others: the keys of Pyramid and its add-ons.
    :ivar adjustable: those that may be changed on a page: neither the file nor the environment says anything of them.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        sources: Mapping[str, str],
        others: Mapping[str, Any],
        declared: Iterable[Setting],
    ) -> None:
        self._values = MappingProxyType(dict(values))
        self._sources = dict(sources)
        self.others: Mapping[str, Any] = MappingProxyType(dict(others))
        self.declared = tuple(declared)
        self.adjustable: Mapping[str, Setting] = MappingProxyType(
            {one.name: one for one in self.declared if one.on_page and sources.get(one.name) == DEFAULT}
        )

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def source(self, name: str) -> str:
        """Where the value of *name* came from: "default", "page", "plein.site_name", "PLEIN_SITE_NAME"."""
        return self._sources[name]


def load_settings(
    values: Mapping[str, Any],
    environ: Mapping[str, str],
    declared: Iterable[Setting],
    *,
    off: Iterable[str] = (),
) -> Settings:
    """The settings in force: the environment goes before *values* (the file), which goes before the defaults.

    :param values: the keys of the configuration file. A relative path is relative to ``here``, where given.
    :param off: names of plugins that are installed and not loaded; their keys pass unread.
    :raises SettingsError: with one sentence for each mistake.
    """
    reader = _Reader(values, environ, list(declared), tuple(off))
    settings = reader.read()
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


class _Reader:
    """One reading: collects values and problems."""

    def __init__(
        self, values: Mapping[str, Any], environ: Mapping[str, str], declared: list[Setting], off: tuple[str, ...]
    ) -> None:
        self.off = off
        self.file = {str(key): value for key, value in values.items()}
        self.environ = {key: text for key, text in environ.items() if key.startswith("PLEIN_")}
        self.here = Path(str(values["here"])) if values.get("here") else Path.cwd()
        self.problems: list[str] = []
        self.values: dict[str, Any] = {}
        self.sources: dict[str, str] = {}
        self.families = [setting for setting in declared if setting.each]
        self.declared = [setting for setting in declared if not setting.each]

    def read(self) -> Settings:
        for setting in self.declared:
            self._read(setting)
        # Which there are of the others is known only now.
        of_words = [setting.of(word) for setting in self.families for word in self._words(setting.each)]
        for setting in of_words:
            self._read(setting)
        self.declared += of_words
        self.known_keys = {key for setting in self.declared for key in _keys(setting)}
        self.known_variables = {variable_name(key) for key in self.known_keys}
        of_values, self.problems = self.problems, []
        self._refuse_unknown()
        self.problems += of_values
        others = {key: value for key, value in self.file.items() if key not in self.known_keys}
        return Settings(self.values, self.sources, others, self.declared)

    def _read(self, setting: Setting) -> None:
        raw, source, is_file = self._find(setting)
        self.sources[setting.name] = source
        try:
            if is_file:
                raw = self._read_file(str(raw).strip())
            value = fit(setting, setting.default if raw is None else raw)
            self.values[setting.name] = self._settled(setting, value)
        except ValueError as error:
            self.problems.append(f"{setting.name if source == DEFAULT else source} {error}.")

    def _words(self, name: str) -> list[str]:
        """The words in the list *name* for which there are settings. Others could not be written in the environment."""
        words = list(dict.fromkeys(self.values.get(name, ())))
        usable = [word for word in words if re.fullmatch(r"[a-z][a-z0-9]*", word)]
        for word in words:
            problem = f"{name} must hold words of lower-case letters and digits, not {word!r}."
            if word not in usable and problem not in self.problems:
                self.problems.append(problem)
        return usable

    def _refuse_unknown(self) -> None:
        for key in self.file:
            if key not in self.known_keys and not self._is_foreign(key):
                self.problems.append(f"{key} is no setting of Plein; {self._remedy(key)}")
        off = tuple(variable_name(f"{name}.") for name in self.off)
        for variable in self.environ:
            foreign = _OTHER_VARIABLES.fullmatch(variable) or (off and variable.startswith(off))
            if variable not in self.known_variables and not foreign:
                self.problems.append(
                    f"The environment variable {variable} is no setting of Plein; "
                    f"{_nearest(variable, self.known_variables)}"
                )

    def _remedy(self, key: str) -> str:
        first, _dot, rest = key.partition(".")
        word, _dot, last = rest.partition(".")
        for setting in self.families:
            if setting.name == f"{first}.*.{last.removesuffix('_file') if setting.secret else last}":
                return f"{word} is not in {setting.each}: add it there, or take this line out."
        if rest and not any(known.startswith(f"{first}.") for known in self.known_keys):
            return f"if it is of a plugin, install plein-{first}; else take this line out."
        return _nearest(key, self.known_keys)

    def _is_foreign(self, key: str) -> bool:
        namespace, dot, _rest = key.partition(".")
        if not dot:
            # Pyramid and paste have settings of one word (`reload_templates`, `use`); ours never are.
            return f"plein.{key}" not in self.known_keys
        return namespace in _FOREIGN or namespace in self.off

    def _find(self, setting: Setting) -> tuple[Any, str, bool]:
        """What is written (``None`` for nothing), where, and whether it is the name of a file with the value."""
        # An empty variable is how containers and unit files say "not set".
        present = {variable: text for variable, text in self.environ.items() if text.strip()}
        for place, rename in ((present, variable_name), (self.file, str)):
            keys = [rename(key) for key in _keys(setting) if rename(key) in place]
            if len(keys) == 2:
                self.problems.append(f"{keys[0]} and {keys[1]} are both set; keep one of them.")
            if keys:
                return place[keys[0]], keys[0], keys[0] != rename(setting.name)
        return None, DEFAULT, False

    def _read_file(self, path: str) -> str:
        try:
            return (self.here / path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise ValueError(f"names the file {path}, which cannot be read: {reason}") from error

    def _settled(self, setting: Setting, value: Any) -> Any:
        """*value* in its one form: a relative path made absolute, so that it does not matter where a command is run."""
        if isinstance(value, Path):
            return self.here / value.expanduser()
        if setting.name == "plein.base_url":
            return value.rstrip("/")
        if setting.name == "plein.database_url" and (match := re.fullmatch(r"(sqlite[^:]*:///)([^/:?].*)", value)):
            return f"{match[1]}{self.here / match[2]}"
        return value


def _keys(setting: Setting) -> tuple[str, ...]:
    return (setting.name, f"{setting.name}_file") if setting.secret else (setting.name,)


def variable_name(key: str) -> str:
    """The environment variable for a key: ``plein.secret`` is PLEIN_SECRET, ``wiki.depth`` is PLEIN_WIKI_DEPTH."""
    return "PLEIN_" + key.removeprefix("plein.").replace(".", "_").upper()


def _nearest(key: str, known: Iterable[str]) -> str:
    known = sorted(known)
    by_last_word = [name for name in known if name.rpartition(".")[2] == key]
    near = by_last_word or difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else "`plein config check` lists those that exist."


def fit(setting: Setting, raw: Any) -> Any:
    """*raw*, as a form, JSON or YAML has it, as the setting's type.

    :raises ValueError: with text that follows the setting's name: "must be at most 10, not 12".
    """
    value = _convert(setting, raw)
    _check(setting, value)
    return value


def _convert(setting: Setting, raw: Any) -> Any:
    """*raw* as the setting's type. Messages follow the setting's name."""
    if setting.type is list:
        words = re.split(r"[\s,]+", raw) if isinstance(raw, str) else [str(word) for word in raw]
        return tuple(word for word in words if word)
    if setting.type is Path and isinstance(raw, Path):
        return raw
    text = str(raw).strip()
    if not text and setting.type is not str:
        raise ValueError("is empty; give a value, or remove it to get the default")
    if setting.type is bool:
        return _to_bool(text)
    if setting.type in (int, float):
        return _to_number(setting, text)
    return Path(text) if setting.type is Path else text


def _to_bool(text: str) -> bool:
    word = text.lower()
    if word not in _TRUE + _FALSE:
        raise ValueError(f"must be true or false, not {text!r}")
    return word in _TRUE


def _to_number(setting: Setting, text: str) -> float:
    try:
        number = int(text) if setting.type is int else float(text)
    except ValueError:
        kind = "a whole number" if setting.type is int else "a number"
        raise ValueError(f"must be {kind}, not {text!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"must be a finite number, not {text!r}")
    return number


def _check(setting: Setting, value: Any) -> None:
    # A secret is never repeated in a message: those end up in logs.
    shown = "" if setting.secret else f", not {value!r}"
    if setting.choices and value not in setting.choices:
        raise ValueError(f"must be {' or '.join(setting.choices)}{shown}")
    is_text = isinstance(value, str)
    size, unit = (len(value), " characters") if is_text else (value, "")
    if setting.minimum is not None and size < setting.minimum:
        if is_text and not value:
            raise ValueError(f"is not set; give at least {setting.minimum}{unit}")
        raise ValueError(f"must be at least {setting.minimum}{unit}{shown}")
    if setting.maximum is not None and size > setting.maximum:
        raise ValueError(f"must be at most {setting.maximum}{unit}{shown}")
    if setting.check is not None:
        setting.check(value)


def masked(setting: Setting, value: Any) -> str:
    """*value* for people, without what must stay secret: of an address only the password is hidden."""
    text = as_written(value)
    if not setting.secret or not text:
        return text
    if "://" not in text:
        return "********"
    return re.sub(r"(://[^:/@]*:)[^/]*@|([?&]password=)[^&]*", lambda m: f"{m[1]}***@" if m[1] else f"{m[2]}***", text)


def as_written(value: Any) -> str:
    """*value* as it would stand in a configuration file."""
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(value) if isinstance(value, tuple) else str(value)


def document(declared: Iterable[Setting] = CORE_SETTINGS) -> str:
    """The text of docs/settings.md: a table of *declared*."""
    lines = [
        "# Settings",
        "",
        "Written by `python -m plein.settings > docs/settings.md` from `core/plein/core_settings.py`; change it there.",
        "",
        "A setting is a line in the configuration file's `[app:main]`, or a variable in the environment, which goes",
        "before the file. Secret ones can be read from a file: `plein.secret_file`, `PLEIN_SECRET_FILE`. A relative",
        "path is relative to the folder of the configuration file. An unknown name stops the start; `plein config",
        "check` tells what is wrong, and where each value comes from.",
        "",
        "Those marked *on a page* administrators may change in the site too, under Administration, Settings, or on the",
        "page of their plugin; that holds at once. What stands in the environment or the file goes before it.",
        "",
        "| setting | in the environment | default | values | what it does |",
        "|---|---|---|---|---|",
    ]
    for setting in declared:
        default = f"`{as_written(setting.default)}`" if as_written(setting.default) else ""
        told = f"{setting.help} *On a page.*" if setting.on_page else setting.help
        names = f"`{setting.name}` | `{variable_name(setting.name)}`"
        lines.append(f"| {names} | {default} | {_values(setting)} | {told} |")
    return "\n".join(lines) + "\n"


def _values(setting: Setting) -> str:
    kinds: dict[Any, str] = {int: "number", float: "number", bool: "true, false", Path: "path", list: "words"}
    text = " or ".join(setting.choices) or kinds.get(setting.type, "text")
    if setting.minimum is not None and setting.type is str:
        text += f" of at least {setting.minimum} characters" if setting.minimum > 1 else ""
    elif setting.minimum is not None:
        text += f" from {setting.minimum}" + (f" to {setting.maximum}" if setting.maximum is not None else "")
    return text + (", secret" if setting.secret else "")


if __name__ == "__main__":
    sys.stdout.write(document())
