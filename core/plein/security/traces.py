"""Tracebacks for the log, without the values of variables: those are people's texts, cookies and passwords."""

from traceback import format_exception


def trace(error: BaseException) -> str:
    """The traceback of *error* and of what caused it, as Python prints it."""
    return "".join(format_exception(error)).rstrip()
