"""What a title and tags may be, and the key a title sorts by on every database."""

import re
import unicodedata

from plein.web.folding import fold

MAX_TITLE = 200
MAX_TAGS = 30
MAX_TAG = 60

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")

#: Signs that take no place: direction marks, zero-width spaces, halves of pairs, private ones.
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
#: They hold letters of some scripts, and the parts of an emoji, together.
_JOINERS = "\u200c\u200d"


def clean_title(title: str) -> str:
    """One line without control or direction-override characters, at most 200 characters."""
    return " ".join(_CONTROL.sub(" ", title).split())[:MAX_TITLE].strip()


def sort_title(title: str) -> str:
    """*title* folded: no case, no accents. SQLite and PostgreSQL then sort alike."""
    folded = unicodedata.normalize("NFKD", title.casefold())
    return "".join(character for character in folded if not unicodedata.combining(character))


def clean_tag(tag: str) -> str:
    """*tag* on one line, without signs that are not seen; empty where nothing is left that people can read."""
    seen = "".join(sign for sign in tag if unicodedata.category(sign) not in _UNSEEN or sign in _JOINERS)
    cleaned = clean_title(seen)[:MAX_TAG].strip(" ,#")
    # "c++" and a lone emoji are words; "…" and "--" are not.
    return cleaned if any(unicodedata.category(sign)[0] in "LN" or _is_sign(sign) for sign in cleaned) else ""


def tag_key(tag: str) -> str:
    """What two ways of writing one tag have in common: no case, no accents, no signs that are not seen."""
    plain = "".join(sign for sign in fold(tag) if unicodedata.category(sign) not in _UNSEEN)
    return " ".join(plain.split()) or tag


def clean_tags(tags: list[str] | tuple[str, ...]) -> list[str]:
    """Tags in the order given, cleaned, each once however it is written."""
    seen: dict[str, str] = {}
    for tag in tags:
        cleaned = clean_tag(tag)
        if cleaned:
            seen.setdefault(tag_key(cleaned), cleaned)
    return list(seen.values())[:MAX_TAGS]


def _is_sign(sign: str) -> bool:
    return unicodedata.category(sign) in ("So", "Sc")
