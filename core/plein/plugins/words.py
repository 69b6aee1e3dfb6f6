"""What a plugin calls things, in a language, where nobody asks: for what is stored, and not for a page."""

import gettext
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from translationstring import TranslationString


def said(text: str, locale: str) -> str:
    """*text* in *locale*, by the catalogue of the package that it is of; as it is where that has no words for it."""
    domain = text.domain if isinstance(text, TranslationString) else ""
    return _catalogue(domain, locale).gettext(str(text)) if domain else str(text)


@lru_cache(maxsize=64)
def _catalogue(package: str, locale: str) -> gettext.NullTranslations:
    folder = Path(str(import_module(package).__file__)).parent / "locale"
    return gettext.translation(package, folder, [locale], fallback=True)
