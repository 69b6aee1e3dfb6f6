"""What can go wrong with a space, each as one sentence for the person who tried."""

from translationstring import TranslationString


class SpaceError(Exception):
    """A rule said no. ``sentence`` says why, marked for translation.

    :param field: the form field that the sentence belongs to, empty where it is about the act itself.
    """

    def __init__(self, sentence: TranslationString, field: str = "") -> None:
        super().__init__(str(sentence.interpolate()))
        self.sentence = sentence
        self.field = field


class NotAllowed(SpaceError):
    """The viewer's role does not include this."""


class LastManager(SpaceError):
    """It would leave the space without anybody to manage it."""


class NoSuchPerson(SpaceError):
    """The person meant was not found, or more than one fits."""


class Gone(SpaceError):
    """What was to be changed is not there any more, because somebody else was first."""


class Archived(SpaceError):
    """The space is archived, and only read."""
