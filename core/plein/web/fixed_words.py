"""Has Chameleon look up the fixed words of templates once for each language: a page has dozens of them.

What holds a value, and what comes out of Python, is translated each time, as pyramid_chameleon does it.
"""

from functools import lru_cache
from typing import Any

from pyramid.config import Configurator
from pyramid.i18n import Localizer, get_localizer
from pyramid.threadlocal import get_current_request
from pyramid_chameleon.interfaces import IChameleonTranslate


def keep_words(registry: Any) -> None:
    """Put a translator that remembers before the one that *registry* has."""
    translate = registry.getUtility(IChameleonTranslate)

    @lru_cache(maxsize=8192)
    def known(_language: Localizer, text: str, domain: str | None) -> Any:
        return translate(text, domain=domain, default=text)

    def translated(
        msgid: Any,
        domain: str | None = None,
        mapping: Any = None,
        context: str | None = None,
        target_language: str | None = None,
        default: Any = None,
    ) -> Any:
        # The fixed words are their own default: so Chameleon writes them.
        if type(msgid) is str and msgid is default and not mapping and context is None:
            return known(get_localizer(get_current_request()), msgid, domain)
        return translate(msgid, domain, mapping, context, target_language, default)

    registry.registerUtility(translated, IChameleonTranslate)


def includeme(config: Configurator) -> None:
    # After pyramid_chameleon's own, which has the order 1000.
    config.action(None, keep_words, args=(config.registry,), order=1001)
