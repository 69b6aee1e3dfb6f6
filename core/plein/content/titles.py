"""What a title and tags may be, and the key a title sorts by on every database."""

import re
import unicodedata

MAX_TITLE = 200
MAX_TAGS = 30
MAX_TAG = 60

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def clean_title(title: str) -> str:
    """One line without control or direction-override characters, at most 200 characters."""
    return " ".join(_CONTROL.sub(" ", title).split())[:MAX_TITLE].strip()


def sort_title(title: str) -> str:
    """*title* folded: no case, no accents. SQLite and PostgreSQL then sort alike."""
    folded = unicodedata.normalize("NFKD", title.casefold())
    return "".join(character for character in folded if not unicodedata.combining(character))


def clean_tags(tags: list[str] | tuple[str, ...]) -> list[str]:
    """Tags in the order given, cleaned, each once whatever its case."""
    seen: dict[str, str] = {}
    for tag in tags:
        cleaned = clean_title(tag)[:MAX_TAG].strip(" ,#")
        if cleaned:
            seen.setdefault(cleaned.casefold(), cleaned)
    return list(seen.values())[:MAX_TAGS]
