"""Turns a failure into the one sentence a person at the command line can act on."""

import errno
from collections.abc import Callable

#: Errors that are sentences already: raised by Plein for people to read.
_OWN_SENTENCES = (
    ("plein.settings", "SettingsError"),
    ("plein.plugins", "PluginError"),
    ("plein.db.migrate", "MigrationError"),
    ("plein.serving.sockets", "PortTaken"),
)


def explain(error: BaseException) -> str:
    """What went wrong, in one sentence (several settings that are wrong: a sentence a line).

    An error of a known kind says what to do; anything else says which option shows more.
    """
    if _is_own(error):
        return str(error)
    for kind, sentence in _KNOWN.items():
        if any(base.__name__ == kind for base in type(error).__mro__):
            return sentence(error)
    return (
        f"Something unexpected went wrong ({type(error).__name__}: {_first_line(error)}). "
        "Run it again as 'plein --traceback …' to see where."
    )


def _is_own(error: BaseException) -> bool:
    names = {(base.__module__, base.__name__) for base in type(error).__mro__}
    return not names.isdisjoint(_OWN_SENTENCES)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0]


def _of_the_system(error: BaseException) -> str:
    assert isinstance(error, OSError)  # noqa: S101
    name = f" {error.filename}" if error.filename else ""
    if error.errno == errno.ENOENT:
        return f"There is no file or folder{name}."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"This account may not use{name or ' that'}: {error.strerror}."
    if error.errno == errno.ENOSPC:
        return f"The disk is full{' at' + name if name else ''}."
    return f"The system refused{name}: {error.strerror or error}."


def _of_the_database(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    text = _first_line(cause)
    if "no such table" in text or "UndefinedTable" in type(cause).__name__:
        return "The database is empty or older than this version of Plein; run 'plein db upgrade'."
    if "locked" in text:
        return "The database is locked by another process that has been writing for a long time; try again."
    return f"The database cannot be used: {text.rstrip('.')}."


def _of_the_application(error: BaseException) -> str:
    # pyramid wraps what a view or plugin did wrong, with the place; the sentence is inside.
    return _first_line(getattr(error, "evalue", None) or error)


#: Known kinds by class name, so that explaining needs no import of what was not even used.
_KNOWN: dict[str, Callable[[BaseException], str]] = {
    "OSError": _of_the_system,
    "DBAPIError": _of_the_database,
    "ConfigurationError": _of_the_application,
}
