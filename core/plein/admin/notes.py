"""What an entry on the page of what needs attention is made of."""

from dataclasses import dataclass
from typing import Literal

from translationstring import TranslationString


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing to look at.

    :param kind: ``warning`` for what may hurt people or data, ``note`` for what can wait.
    :param remedy: what to do, in one sentence.
    :param route: the page where it is done, empty where that is not in the browser.
    """

    kind: Literal["warning", "note"]
    title: TranslationString
    remedy: TranslationString
    route: str = ""
