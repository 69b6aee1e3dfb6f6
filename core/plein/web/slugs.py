"""Addresses from titles. A wiki link and the page it points to must come to the same address without asking the
database, so this is the one place where a title becomes a slug."""

import hashlib
import re
import unicodedata

MAX_LENGTH = 80

# Letters that Unicode does not take apart into a base letter and an accent.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
        "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ł": "l", "Ł": "L", "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "n", "Ŋ": "N",
        "ŧ": "t", "Ŧ": "T", "ə": "e", "Ə": "E",
        # dropped, so that "foto's" reads "fotos" and not "foto-s"
        "'": None, "’": None, "‘": None, "`": None, "´": None, "ʼ": None, "\u00ad": None, "\u200b": None,
    }
)  # fmt: skip
_OTHER = re.compile(r"[^a-z0-9]+")


def kebab(text: str) -> str:
    """``text`` as lower-case ASCII words joined by hyphens; empty when it has no Latin letter or digit."""
    text = text.translate(_LETTERS)
    if not text.isascii():
        # Accents go; other signs outside ASCII, such as a dash, part words like those inside it.
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return _OTHER.sub("-", text.lower()).strip("-")


def slugify(title: str) -> str:
    """The last part of the address of something called ``title``: 1 to 80 characters of ``[a-z0-9-]``.

    Never empty and never a lone hyphen: a title without any Latin letter or digit becomes ``item-`` and eight
    hexadecimal digits that depend on the title alone. ``slugify(slugify(title)) == slugify(title)``.
    """
    slug = kebab(title)
    if not slug:
        digest = hashlib.sha256(unicodedata.normalize("NFC", title.strip()).encode("utf-8", "replace"))
        return f"item-{digest.hexdigest()[:8]}"
    if len(slug) <= MAX_LENGTH:
        return slug
    cut = slug.rfind("-", 0, MAX_LENGTH + 1)
    return slug[: cut if cut > 0 else MAX_LENGTH]
