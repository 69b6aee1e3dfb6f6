"""CSV files of people and groups: character sets, delimiters, columns by name, and what is refused with its line."""

import pytest

from plein.directories import DirectoryContext
from plein.people.directory_sync.columns import guess, missing, read_rows
from plein.people.directory_sync.csv_files import MAX_BYTES, FileRefused, open_table
from plein.people.directory_sync.runs import safe_cell, write_csv

TEXT = "Gebruikersnaam;Naam;Functie\nzoë;Zoë van Dijk;Adviseur\n"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),
    ],
)
def test_character_set_is_found_out_and_said(encoding, said):
    table = open_table(TEXT.encode(encoding))
    assert list(table.rows()) == [(2, ["zoë", "Zoë van Dijk", "Adviseur"])]
    assert said in table.sentence().interpolate()


def test_byte_that_windows_does_not_know_is_latin_1():
    table = open_table(b"login;naam\nan\x81na;Zo\xeb\n")
    assert table.encoding == "latin-1"
    assert next(iter(table.rows()))[1][1] == "Zoë"


def test_euro_sign_of_windows_is_one():
    assert open_table("naam;a\n€ 5;b\n".encode("cp1252")).columns == ["naam", "a"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_delimiter_is_found_outside_of_quotes(delimiter):
    other = ";" if delimiter != ";" else ","
    head = f'login{delimiter}"a{other}b{other}c{other}d"{delimiter}naam'
    table = open_table(f"{head}\nx{delimiter}y{delimiter}z\n".encode())
    assert len(table.columns) == 3


def test_cell_may_hold_line_breaks_and_lines_are_counted_as_an_editor_does():
    table = open_table(b'login;naam\nanna;"A\nB"\nbram;C\n')
    assert [line for line, _cells in table.rows()] == [2, 4]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"PK\x03\x04\x00\x00",
        b"\xff\xfea",
        b"login;login\na;b\n",
        b'login;"naam\n',
        (";".join(f"c{number}" for number in range(200))).encode(),
        b"x" * (MAX_BYTES + 1),
    ],
    ids=["empty", "blank", "zip", "half of utf-16", "twice", "open quote", "too wide", "too large"],
)
def test_file_that_is_no_table_is_refused_with_a_sentence(data):
    with pytest.raises(FileRefused) as refused:
        list(open_table(data).rows())
    assert refused.value.sentence


def test_row_with_too_many_cells_is_refused_with_its_line():
    with pytest.raises(FileRefused) as refused:
        list(open_table(b"login;naam\na;b\nc;d;e\n").rows())
    assert refused.value.line == 3


@pytest.mark.parametrize(
    ("header", "login", "name"),
    [
        ("Gebruikersnaam;Volledige naam", "Gebruikersnaam", "Volledige naam"),
        ("LOGIN;Naam", "LOGIN", "Naam"),
        ("sAMAccountName;displayName", "sAMAccountName", "displayName"),
        ("Username;Full_Name", "Username", "Full_Name"),
    ],
)
def test_columns_are_guessed_in_both_languages(header, login, name):
    guessed = guess("people", header.split(";"))
    assert (guessed["login"], guessed["name"]) == (login, name)


def test_declared_field_is_found_by_its_title():
    guessed = guess("people", ["login", "naam", "BHV-er"], {"first-aid": "BHV-er"})
    assert guessed["first-aid"] == "BHV-er"


def test_missing_column_is_told_with_those_found_and_the_nearest():
    (sentence,) = missing("people", {"name": "Naam"}, ["Gebruikrsnaam", "Naam"])
    told = sentence.interpolate()
    assert "login" in told and "Gebruikrsnaam" in told and "Naam" in told


def test_rows_become_records():
    table = open_table(
        b"login;naam;e-mail;groepen;actief;telefoon\nANNA;Anna =1+1;a@example.nl;Zorg | Markt|;nee;+31 6\n"
    )
    context = DirectoryContext({})
    (record,) = read_rows(context, table, "people", guess("people", table.columns))
    assert (record.id, record.login, record.name) == ("anna", "ANNA", "Anna =1+1")
    assert (record.groups, record.active, record.line) == (("Zorg", "Markt"), False, 2)
    assert dict(record.fields) == {"phone": "+31 6"}
    assert record.manager is None, "a column that is not there says nothing"
    assert not context.refused


def test_neither_yes_nor_no_is_refused_with_its_line():
    table = open_table(b"login;naam;actief\nanna;Anna;misschien\n")
    context = DirectoryContext({})
    assert list(read_rows(context, table, "people", guess("people", table.columns))) == []
    assert context.refused[0][0] == 2


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", " =1"])
def test_cell_of_a_report_is_never_a_formula(cell):
    assert safe_cell(cell) == f"'{cell}"
    assert f"'{cell}".encode() in write_csv([[cell]])
