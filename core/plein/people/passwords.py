"""Passwords: argon2id, at most two hashes at once, and a refusal of what guessers try first.

Hashing takes a tenth of a second and 64 MiB on purpose. Never do it inside a writing transaction: on SQLite everybody
else who writes would wait for it.
"""

import re
from collections.abc import Iterable
from threading import BoundedSemaphore
from unicodedata import normalize

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from translationstring import TranslationString

from plein.people.common_passwords import BASES, FAMOUS, SEQUENCES
from plein.security.limits import BusyError
from plein.web.i18n import _

MIN_LENGTH = 12
MAX_LENGTH = 1024

#: RFC 9106, section 4, with one lane: 64 MiB, three passes.
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, type=Type.ID)

#: Each hash takes 64 MiB: a burst of sign-ins must not take the machine's memory.
_turn = BoundedSemaphore(2)
_PATIENCE_SECONDS = 20.0

#: A hash of nobody's password, made with the parameters above: checking an unknown name takes as long as a known one.
DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=1$l+YtKtsTHn1puBhZdybn1Q$7EN/glmZvgx1yTTigYXS35eujma1XrSahIfxcVLLQpM"


def hash_password(password: str) -> str:
    """The argon2id hash of *password*, in PHC format.

    :raises BusyError: when no turn came in twenty seconds.
    """
    with _Turn():
        return _hasher.hash(_plain(password))


def verify_password(password_hash: str, password: str) -> bool:
    """Whether *password* belongs to *password_hash*. An empty hash takes as long and is never right.

    :raises BusyError: when no turn came in twenty seconds.
    """
    right = False
    with _Turn():
        try:
            right = _hasher.verify(password_hash or DUMMY_HASH, _plain(password))
        except (VerificationError, InvalidHashError):
            right = False
    return right and bool(password_hash)


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


class _Turn:
    def __enter__(self) -> None:
        if not _turn.acquire(timeout=_PATIENCE_SECONDS):
            raise BusyError("no turn to hash a password")

    def __exit__(self, *_error: object) -> None:
        _turn.release()


def _plain(password: str) -> str:
    """One spelling for what looks the same: é typed on another keyboard (RFC 8265). Cut where nobody types on."""
    return normalize("NFC", password)[: MAX_LENGTH + 1]


def weakness(password: str, own_words: Iterable[str] = ()) -> TranslationString | None:
    """Why *password* may not be used, as a sentence; ``None`` when it may.

    :param own_words: names that belong to the person and the site: login, name, address, name of the site.
    """
    if len(password) < MIN_LENGTH:
        return _("Use at least ${count} characters. A few words in a row are easy to remember.", {"count": MIN_LENGTH})
    if len(password) > MAX_LENGTH:
        return _("Use at most ${count} characters.", {"count": MAX_LENGTH})
    low = normalize("NFKC", password).casefold()
    squeezed = re.sub(r"\s", "", low)
    if len(set(squeezed)) < 5 or _repeats(squeezed):
        return _("This repeats itself, and is guessed quickly. Use a few different words.")
    if _is_sequence(squeezed):
        return _("This is a row of neighbouring keys or signs, and is guessed quickly. Use a few different words.")
    own = _own(own_words)
    if _only_of(squeezed, own):
        return _("This is made of your own name or that of the site. Use words that others do not expect.")
    if _only_of(squeezed, {*BASES, *own}, at_most=2) or squeezed in FAMOUS:
        return _(
            "This is a password that very many people use. Use a few words that have nothing to do with each other."
        )
    return None


def _repeats(text: str) -> bool:
    """``abcabcabcabc``: one short piece, again and again."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1))


def _is_sequence(text: str) -> bool:
    """Most of it walks along a keyboard, the alphabet or the digits, forward or backward."""
    walked = 0
    place = 0
    while place < len(text) - 3:
        size = max(_walk(text, place, row) for row in SEQUENCES)
        walked += size if size >= 4 else 0
        place += size if size >= 4 else 1
    return len(text) - walked < 4


def _walk(text: str, start: int, row: str) -> int:
    """How many signs of *text* from *start* on are found one after another in *row*."""
    size = 0
    while start + size < len(text) and text[start : start + size + 1] in row:
        size += 1
    return size


#: Digits and signs that are typed for a letter.
_LEET = str.maketrans("0134578@$!+€", "oleastbasite")


def _own(words: Iterable[str]) -> list[str]:
    found = set()
    for word in words:
        for piece in re.split(r"[\W_]+", word.casefold()):
            if len(piece) >= 3:
                found.add(piece)
        whole = re.sub(r"[\W_]+", "", word.casefold())
        if len(whole) >= 3:
            found.add(whole)
    return sorted(found, key=len, reverse=True)


def _only_of(text: str, words: Iterable[str], at_most: int = 99) -> bool:
    """Whether *text* is one to *at_most* of the words with only digits, signs and a letter or two around them."""
    known = sorted(words, key=len, reverse=True)
    inside = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    for rest in (text, inside.translate(_LEET)):
        found = 0
        for word in known:
            if word in rest:
                rest, found = rest.replace(word, " "), found + 1
        if 1 <= found <= at_most and len(re.sub(r"[\W\d_]+", "", rest)) < 4:
            return True
    return False
