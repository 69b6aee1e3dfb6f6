"""Front matter: the YAML at the head of a Markdown file, and what Plein makes of it.

What Plein has a field for (title, tags, date, summary) it uses; everything else is handed back, so that the receipt can
name it. Broken front matter is an error with a line, and its text stays in the page.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import yaml

#: Keys whose values are labels by their meaning.
TAG_KEYS = (
    "tags", "tag", "keywords", "keyword", "labels", "trefwoorden", "trefwoord",
    "categories", "category", "categorie", "topics", "topic", "onderwerpen", "onderwerp",
)  # fmt: skip
_DATE_KEYS = ("date", "created", "datum")
_SUMMARY_KEYS = ("summary", "description", "samenvatting")
#: Words for the layout of the site that the files were made for; they mean nothing here.
LAYOUT_KEYS = ("hide", "template", "search", "icon", "layout", "status", "weight", "nav_order", "sidebar_position")

#: More than this is not front matter.
MAX_CHARACTERS = 64_000
MAX_DEPTH = 20
MAX_TAGS = 30
_TITLE_LINE = re.compile(r"(?i)tit(?:le|el):[ \t]+(\S.*?)[ \t]*$")
_END = re.compile(r"^(---|\.\.\.)[ \t]*$")


@dataclass(slots=True)
class FrontMatter:
    """What stood at the head of a file.

    :param values: all of it, as simple JSON values.
    :param tags: the labels, in order, each once.
    :param rest: the keys that Plein has no field for.
    :param error: why it could not be read, and on which line.
    :param body: what follows, without the front matter (or all of it, where it could not be read).
    :param first: the number of the body's first line.
    """

    body: str
    first: int = 1
    values: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    tags: list[str] = field(default_factory=list)
    date: str = ""
    summary: str = ""
    rest: dict[str, Any] = field(default_factory=dict)
    error: tuple[int, str] | None = None


class _Loader(yaml.SafeLoader):
    """Safe YAML without references: a handful of them can stand for a billion values."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(None, None, "references (*name) are not read", event.start_mark)
        return super().compose_node(parent, index)


def read_front_matter(text: str, *, tag_keys: Sequence[str] = ()) -> FrontMatter:
    """Split *text* (line ends ``\\n``) in front matter and body.

    :param tag_keys: further keys whose values are to become tags.
    """
    lines = text.split("\n")
    if not re.fullmatch(r"---[ \t]*", lines[0]):
        return FrontMatter(text)
    end = next((number for number, line in enumerate(lines[1:], 1) if _END.match(line)), None)
    if end is None:
        return FrontMatter(text) if not _looks_like_yaml(lines) else _broken(text, 1, "it has no end (---)")
    block, body = "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])
    if len(block) > MAX_CHARACTERS:
        return _broken(text, 1, f"it is longer than {MAX_CHARACTERS} characters", end)
    try:
        loaded = yaml.load(block, Loader=_Loader)  # noqa: S506 - a SafeLoader, only stricter
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return _broken(text, (mark.line if mark else 0) + 2, str(error.problem or error.context or "not YAML"), end)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError, TypeError) as error:
        return _broken(text, 2, " ".join(str(error).split())[:120] or "not YAML", end)
    if loaded is None:
        loaded = {}
    if not isinstance(loaded, Mapping):
        # Two rulers with text between them, and no front matter at all.
        return FrontMatter(text)
    return _understand(FrontMatter(body, end + 2, values=_simple(loaded)), (*TAG_KEYS, *tag_keys))


def _broken(text: str, line: int, why: str, end: int = 0) -> FrontMatter:
    """All of *text* as body; the block itself becomes code, so that it can be read and mended."""
    lines = text.split("\n")
    found = FrontMatter(text, error=(line, why))
    if end:
        for content in lines[1:end]:
            match = _TITLE_LINE.match(content)
            found.title = found.title or (match[1].strip("\"' ") if match else "")
        lines[0], lines[end] = _fence(lines[1:end]) + "yaml", _fence(lines[1:end])
        found.body = "\n".join(lines)
    return found


def _fence(lines: Sequence[str]) -> str:
    return "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))


def _looks_like_yaml(lines: Sequence[str]) -> bool:
    return len(lines) > 1 and bool(re.match(r"[\w-]+:(\s|$)", lines[1]))


def _understand(found: FrontMatter, tag_keys: Sequence[str]) -> FrontMatter:
    used = set()
    lower = {key.casefold(): key for key in found.values}
    for field_name, keys in (("title", ("title", "titel")), ("date", _DATE_KEYS), ("summary", _SUMMARY_KEYS)):
        key = next((lower[key] for key in keys if key in lower), None)
        if key is not None and isinstance(found.values[key], (str, int, float)):
            setattr(found, field_name, " ".join(str(found.values[key]).split()))
            used.add(key)
    for wanted in tag_keys:
        key = lower.get(wanted.casefold())
        if key is None:
            continue
        tags = list(_labels(found.values[key]))
        if tags or not found.values[key]:
            found.tags = list(dict.fromkeys([*found.tags, *tags]))
            used.add(key)
    found.rest = {key: value for key, value in found.values.items() if key not in used}
    if len(found.tags) > MAX_TAGS:
        found.rest["tags"] = found.tags[MAX_TAGS:]
        found.tags = found.tags[:MAX_TAGS]
    return found


def _labels(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        value = [value]
    for label in value:
        if isinstance(label, (str, int, float)) and not isinstance(label, bool) and str(label).strip():
            yield " ".join(str(label).split())[:80]


def _simple(value: Any, depth: int = 0) -> Any:
    """*value* as JSON knows it: dates as text, keys as text, nothing endlessly deep."""
    if depth > MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): _simple(each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_simple(each, depth + 1) for each in value]
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, float) and value != value:
        return "nan"
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
