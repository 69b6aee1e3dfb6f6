"""What error pages say: what happened, and what to do now. Plain words, no blame, no jargon."""

from dataclasses import dataclass

from translationstring import TranslationString

from plein.web.i18n import _


@dataclass(frozen=True, slots=True)
class ErrorText:
    """:param happened: what happened, and what is kept. :param advice: what to do now."""

    title: TranslationString
    happened: TranslationString
    advice: TranslationString


BY_STATUS: dict[int, ErrorText] = {
    400: ErrorText(
        _("This cannot be understood"),
        _("Your browser sent something that this site cannot read. Nothing was changed."),
        _("Go back and try again. If you followed a link, it may be incomplete."),
    ),
    401: ErrorText(
        _("Sign in first"),
        _("This is only for people who have signed in."),
        _("Sign in and try again."),
    ),
    403: ErrorText(
        _("You may not do this"),
        _("You are signed in, but this is not open to you. Nothing was changed."),
        _("Do you need it for your work? Ask the people who manage the space, or your administrator."),
    ),
    404: ErrorText(
        _("This page is not here"),
        _("It does not exist, was moved or deleted, or is not open to you."),
        _("Check the address, or search for what you need."),
    ),
    405: ErrorText(
        _("This does not work at this address"),
        _("The address exists, but does not accept what your browser tried. Nothing was changed."),
        _("Go to the start page and try from there."),
    ),
    409: ErrorText(
        _("Somebody else was just before you"),
        _("What you wanted to change has changed in the meantime. Nothing was overwritten."),
        _("Go back, reload the page, and look at what is there now."),
    ),
    410: ErrorText(
        _("This is no longer here"),
        _("It was there once, and has been removed or used up."),
        _("Ask for a new link, or search for what you need."),
    ),
    413: ErrorText(
        _("This is too large"),
        _("What you sent is larger than this site accepts. It was not stored."),
        _("Make it smaller or divide it, and send it again."),
    ),
    429: ErrorText(
        _("A little slower, please"),
        _("This happened very often in a short time, so it is paused for a moment. Nothing is lost."),
        _("Wait a moment and try again."),
    ),
    500: ErrorText(
        _("Something went wrong here"),
        _("This is our fault, not yours. What you were saving may not have been saved."),
        _("Go back and try again: your browser usually keeps what you typed. If it stays, tell your administrator."),
    ),
    507: ErrorText(
        _("There is no room left"),
        _("The disk of this site is full. What you were saving is not stored; what was there is untouched."),
        _("Keep your text or file, tell your administrator, and try again when there is room."),
    ),
    503: ErrorText(
        _("Too busy for a moment"),
        _("The site cannot answer right now. What you were saving may not have been saved."),
        _("Wait a few seconds and try again: your browser usually keeps what you typed."),
    ),
}

TEXTS: dict[str, ErrorText] = {
    "files_away": ErrorText(
        _("The files cannot be reached"),
        _("The store of files does not answer at this moment. Pages without files work as always."),
        _("Wait a few minutes and try again. If it stays, tell your administrator."),
    ),
    "signed_out": ErrorText(
        _("You are no longer signed in"),
        _("What you sent has not been stored yet. What you typed is kept on this page."),
        _("Sign in in a new tab, come back to this page, and send it again."),
    ),
    "old_form": ErrorText(
        _("This form had become too old"),
        _("What you sent has not been stored yet. What you typed is kept on this page."),
        _("Look whether it is still right, and send it again."),
    ),
    "elsewhere": ErrorText(
        _("This did not come from this site"),
        _("Another page, or a program, tried to do something here in your name. Nothing was changed."),
        _("Did you do this yourself? Then open this site in a new tab and do it there."),
    ),
}


def text_of(status: int) -> ErrorText:
    """The words for *status*; those of its hundred where it has none of its own."""
    return BY_STATUS.get(status) or BY_STATUS[500 if status >= 500 else 400]
