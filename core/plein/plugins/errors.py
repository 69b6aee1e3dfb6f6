"""The one error of plugins, and how a sentence names what somebody probably meant."""

import difflib
from collections.abc import Iterable

from pyramid_retry import mark_error_retryable


class PluginError(Exception):
    """A plugin that cannot be used: one sentence that says what is wrong and what to do."""

    # Its public address: the command line knows by it that the message is for people.
    __module__ = "plein.plugins"


class TransactionLost(PluginError):
    """A plugin ended the transaction of a request. All of it is done anew, without that plugin."""


mark_error_retryable(TransactionLost)


class UnfitPlugin(PluginError):
    """A plugin that is right in itself and does not fit this version of Plein. The site can start without it."""

    __module__ = "plein.plugins"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence: the name nearest to *word*, or all that exist."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}."
