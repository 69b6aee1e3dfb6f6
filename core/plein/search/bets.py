"""Best bets: what stands above all hits for a question, because an administrator knows better than any formula."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session
from translationstring import TranslationString

from plein.audit import record
from plein.content.models import Content
from plein.search.models import BestBet
from plein.search.understanding import bet_key
from plein.spaces.models import Space
from plein.web.i18n import _

MAX_BETS = 500


class BetError(ValueError):
    """A best bet that would show nothing. ``field`` and ``sentence`` say what is wrong."""

    def __init__(self, field: str, sentence: TranslationString) -> None:
        super().__init__(str(sentence))
        self.field = field
        self.sentence = sentence


class BetService:
    """Keeps best bets, as one viewer: who cannot see an item cannot recommend it. Never commits.

    :param types: the declared content types by name. :param base_url: of this site.
    """

    def __init__(self, db: Session, types: Mapping[str, Any], base_url: str) -> None:
        self.db = db
        self._types = types
        self._base_url = base_url.rstrip("/")

    def all(self) -> Sequence[Any]:
        """Every best bet by its words; of one that leads to an item that the viewer may not see, no title."""
        return self.db.execute(
            select(
                BestBet.id,
                BestBet.words,
                BestBet.language,
                BestBet.title,
                BestBet.text,
                BestBet.url,
                Content.title.label("item"),
            )
            .outerjoin(Content, Content.id == BestBet.content_id)
            .order_by(BestBet.words, BestBet.id)
            .limit(MAX_BETS)
        ).all()

    def add(self, words: str, url: str, *, title: str = "", text: str = "", language: str = "") -> BestBet:
        """Recommend an address for a question.

        :param url: of a page of this site, or another address.
        :raises BetError: for an address that leads nowhere.
        """
        key = bet_key(words)
        if not key:
            raise BetError("words", _("Type the words that people search with."))
        content_id = self._item(url)
        if content_id is None:
            if not _is_address(url):
                raise BetError(
                    "url", _("Give the address of a page of this site that you can see, or a whole address.")
                )
            if not title:
                raise BetError("title", _("Fill this in."))
        row = BestBet(
            words=key,
            language=language,
            title=title,
            text=text,
            url="" if content_id is not None else url,
            content_id=content_id,
        )
        self.db.add(row)
        self.db.flush()
        record(self.db, "search_best_bet.added", "search_best_bet", row.id, words=key)
        return row

    def remove(self, number: int) -> dict[str, Any] | None:
        """Remove one; gives what it was, ``None`` where it is gone already."""
        row = self.db.get(BestBet, number)
        if row is None:
            return None
        record(self.db, "search_best_bet.removed", "search_best_bet", row.id, words=row.words)
        was = {"words": row.words, "url": row.url, "title": row.title, "text": row.text, "language": row.language}
        self.db.delete(row)
        self.db.flush()
        return was

    def _item(self, url: str) -> int | None:
        """The item that an address of this site leads to, as far as the viewer sees it."""
        path = url.removeprefix(self._base_url)
        parts = [unquote(part) for part in urlsplit(path).path.split("/")] if path.startswith("/") else []
        if len(parts) != 5 or parts[1] != "spaces":
            return None
        names = [name for name, one in self._types.items() if one.path == parts[3]]
        found = (
            select(Content.id)
            .join(Space, Space.id == Content.space_id)
            .where(Space.slug == parts[2], Content.slug == parts[4], Content.type.in_(names))
        )
        return self.db.scalar(found.where(Content.state != "trashed"))


def _is_address(url: str) -> bool:
    if any(sign.isspace() or sign == "\\" for sign in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    own = url.startswith("/") and not url.startswith("//")
    return own or (parts.scheme in ("http", "https") and bool(parts.hostname))
