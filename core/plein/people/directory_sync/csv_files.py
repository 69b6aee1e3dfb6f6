"""CSV files as they come from other programs: their character set and delimiter are found out, and said."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from plein.web.i18n import _

#: What is brought in from files that people send is marked with this.
UPLOADS = "csv"
#: Of an uploaded file, and of one on the server.
MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 100
MAX_CELL = 5_000
_DELIMITERS = ";,\t"

_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252", "latin-1": "Latin-1"}
_READ_AS = {
    ";": _("Read as ${encoding}, with semicolons between the columns."),
    ",": _("Read as ${encoding}, with commas between the columns."),
    "\t": _("Read as ${encoding}, with tabs between the columns."),
}


class FileRefused(ValueError):
    """A file that is no usable table. ``sentence`` says why, ``line`` where."""

    def __init__(self, sentence: Any, line: int | None = None) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.line = line


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read: its columns, and the text to take rows from."""

    columns: list[str]
    encoding: str
    delimiter: str
    _text: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line, cells) of each row that is not empty; the line as an editor counts it.

        :raises FileRefused: for a row with more cells than there are columns, and for a table that is too large.
        """
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self.delimiter, strict=True)
        number, line = 0, 1
        try:
            next(reader)
            while True:
                line = reader.line_num + 1
                cells = next(reader)
                if not any(cell.strip() for cell in cells):
                    continue
                number += 1
                self._check(number, line, cells)
                yield line, cells
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefused(_("The quotation marks around a cell do not fit together."), line) from error

    def _check(self, number: int, line: int, cells: list[str]) -> None:
        if number > MAX_ROWS:
            raise FileRefused(_("The file has more than ${count} rows.", mapping={"count": MAX_ROWS}), line)
        if len(cells) > len(self.columns):
            raise FileRefused(
                _("This row has ${count} cells, and the file has ${columns} columns.",
                  mapping={"count": len(cells), "columns": len(self.columns)}), line
            )  # fmt: skip
        if any(len(cell) > MAX_CELL for cell in cells):
            raise FileRefused(
                _("A cell in this row has more than ${count} characters.", mapping={"count": MAX_CELL}), line
            )

    def sentence(self) -> Any:
        """How the file was read, for people to check."""
        return _(_READ_AS[self.delimiter], mapping={"encoding": _NAMES[self.encoding]})


def open_table(data: bytes) -> Table:
    """The table in the bytes of a file.

    :raises FileRefused: where there is none.
    """
    if len(data) > MAX_BYTES:
        raise FileRefused(_("The file is larger than ${count} MB.", mapping={"count": MAX_BYTES // 1024 // 1024}))
    text, encoding = _decoded(data)
    if "\0" in text:
        raise FileRefused(_("This is no CSV file. Save the table as CSV in your spreadsheet program."))
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=lambda sign: _outside_quotes(first, sign))
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise FileRefused(_("The quotation marks around a cell do not fit together."), 1) from error
    columns = [" ".join(name.split())[:100] for name in header]
    while columns and not columns[-1]:
        columns.pop()
    _check_columns(columns)
    return Table(columns, encoding, delimiter, text)


def _decoded(data: bytes) -> tuple[str, str]:
    """Text, and the name of its character set: by its mark, else UTF-8 where it is that, else what Windows writes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), "utf-16"
        except UnicodeDecodeError as error:
            raise FileRefused(_("The file looks like UTF-16, and is damaged.")) from error
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def _outside_quotes(line: str, sign: str) -> int:
    return sum(part.count(sign) for part in line.split('"')[::2])


def _check_columns(columns: list[str]) -> None:
    if not columns:
        raise FileRefused(_("The first line of the file must hold the names of the columns, and it is empty."))
    if len(columns) > MAX_COLUMNS:
        raise FileRefused(_("The file has more than ${count} columns.", mapping={"count": MAX_COLUMNS}))
    names = [name.casefold() for name in columns if name]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise FileRefused(_("Two columns are called “${name}”. Rename one of them.", mapping={"name": twice}))
