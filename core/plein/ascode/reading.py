"""The file: YAML of plain values, and where in it something stands."""

from collections.abc import Iterator
from typing import Any

import yaml

from plein.ascode.sections import Place, SectionError

_HEAD = "# What administrators decided in Plein. Secrets are not in it. Written by: plein settings export\n"


class FileError(Exception):
    """A file that cannot be used, in one sentence with the line."""


class _Loader(yaml.SafeLoader):
    """Plain values only; no aliases, with which a small file becomes an endless one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(None, None, "an alias (*name) is not read here", event.start_mark)
        return super().compose_node(parent, index)


def write(found: dict[str, Any]) -> str:
    """*found* as YAML."""
    return _HEAD + str(yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=100))


class Parsed:
    """What a file says.

    :ivar values: its values.
    """

    def __init__(self, name: str, values: dict[str, Any], lines: dict[Place, int]) -> None:
        self.name, self.values, self._lines = name, values, lines

    def error(self, error: SectionError) -> FileError:
        """*error* with the line at which it stands, or that of the nearest thing above it."""
        place = error.place
        while place and place not in self._lines:
            place = place[:-1]
        line = f", line {self._lines[place]}" if place else ""
        return FileError(f"{self.name}{line}: {': '.join(error.place)} {error.sentence}.")


def parse(name: str, text: str) -> Parsed:
    """What *text*, of the file *name*, says.

    :raises FileError: for what is no YAML, or holds something twice.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        lines = dict(_lines(node)) if node is not None else {}
        values = loader.construct_document(node) if node is not None else {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise FileError(f"{name}{line}: this is no YAML that can be read: {error.problem}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FileError(f"{name}: this is no YAML that can be read: {str(error).splitlines()[0]}.") from error
    finally:
        loader.dispose()
    if not isinstance(values, dict):
        raise FileError(f"{name}: this is not what 'plein settings export' writes: it must be names with values.")
    return Parsed(name, {str(key): value for key, value in values.items()}, lines)


def _lines(node: Any, above: Place = ()) -> Iterator[tuple[Place, int]]:
    """The line of each name in a mapping.

    :raises yaml.MarkedYAMLError: for a name that stands there twice.
    """
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        if key.value in seen:
            raise yaml.MarkedYAMLError(None, None, f"{key.value} stands here twice", key.start_mark)
        seen.add(key.value)
        place = (*above, str(key.value))
        yield place, key.start_mark.line + 1
        yield from _lines(value, place)
