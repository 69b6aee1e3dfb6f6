"""Lists of tags that the organisation agreed on, and what they ask of an item of a type in a space."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyramid.request import Request
from sqlalchemy import Connection, delete, event, func, inspect, select, update
from sqlalchemy.orm import Session

from plein.audit import record
from plein.content.contexts import TypeContext
from plein.content.tag_models import Tag, TagSynonym, Vocabulary
from plein.content.tagging import make_tags, meanings, resolve
from plein.content.titles import MAX_TAG, MAX_TAGS, clean_tag, clean_tags, tag_key
from plein.spaces.models import Space
from plein.web.i18n import _

#: How many words of a list a sentence names.
_NAMED = 8


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the tags of an item.

    :ivar controlled: the lists that tags must stand in, where there are such.
    :ivar required: the lists of which an item needs a tag.
    :ivar listed: every list that holds here.
    """

    listed: tuple[Vocabulary, ...] = ()

    @property
    def controlled(self) -> list[Vocabulary]:
        return [one for one in self.listed if one.controlled]

    @property
    def required(self) -> list[Vocabulary]:
        return [one for one in self.listed if one.required]


def rules_for(db: Session, type_name: str, space: str) -> Rules:
    """What holds for items of a type in the space with that slug. One statement; there are few lists."""
    lists = db.scalars(select(Vocabulary).order_by(Vocabulary.name))
    return Rules(
        tuple(
            one
            for one in lists
            if (not one.types or type_name in one.types) and (not one.spaces or space in one.spaces)
        )
    )


def rules_here(context: TypeContext, request: Request) -> Rules:
    """What holds where a form or a list is: asked of the database once for each request."""
    found: Rules | None = request.environ.get("plein.tag_rules")
    if found is None:
        found = request.environ["plein.tag_rules"] = rules_for(request.db, context.type.name, context.space.slug)
    return found


def words_of(db: Session, lists: Sequence[Vocabulary]) -> dict[int, list[str]]:
    """The words of each of *lists*, in alphabetical order. One statement."""
    found: dict[int, list[str]] = {one.id: [] for one in lists}
    rows = db.execute(
        select(Tag.vocabulary_id, Tag.name)
        .where(Tag.vocabulary_id.in_(found), Tag.merged_into_id.is_(None))
        .order_by(Tag.folded)
    )
    for number, name in rows:
        found[number or 0].append(name)
    return found


def wrong_with(words: Sequence[str]) -> Any:
    """What is wrong with tags as they were typed, as a sentence; ``None`` where all is well."""
    for word in words:
        if len(word.strip()) > MAX_TAG:
            return _(
                "The tag “${tag}…” is too long. A tag has at most ${count} characters.",
                mapping={"tag": word.strip()[:20], "count": MAX_TAG},
            )
        if not clean_tag(word):
            return _("“${tag}” cannot be a tag. Use a word, a number or an emoji.", mapping={"tag": word.strip()[:20]})
    number = len({tag_key(clean_tag(word)) for word in words})
    if number > MAX_TAGS:
        return _(
            "These are ${count} tags, and there can be ${limit}. Keep the ones that matter most.",
            mapping={"count": number, "limit": MAX_TAGS},
        )
    return None


def refused(db: Session, rules: Rules, words: Sequence[str], before: Sequence[str]) -> Any:
    """What the lists say against *words* on an item that had the tags *before*; ``None`` where they agree.

    Tags that an item had before a list came stay until somebody takes them away.
    """
    if not rules.controlled and not rules.required:
        return None
    meant = {key: tag_key(word.name) for key, word in meanings(db, clean_tags(list(words))).items()}
    known = words_of(db, rules.listed)
    allowed = {tag_key(word) for one in rules.controlled for word in known[one.id]} | {tag_key(word) for word in before}
    strange = [word for word in clean_tags(list(words)) if rules.controlled and meant[tag_key(word)] not in allowed]
    if strange:
        choice = [word for one in rules.controlled for word in known[one.id]]
        return _(
            "“${tag}” is not in the list of tags that is used here. Choose from: ${choice}.",
            mapping={"tag": strange[0], "choice": _some(choice)},
        )
    for one in rules.required:
        if not set(meant.values()) & {tag_key(word) for word in known[one.id]}:
            return _(
                "Choose at least one tag from “${list}”: ${choice}.",
                mapping={"list": one.name, "choice": _some(known[one.id])},
            )
    return None


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:_NAMED]) + (" …" if len(words) > _NAMED else "")


@dataclass(frozen=True, slots=True)
class VocabularyService:
    """Keeping the lists. Who may is the views' permission."""

    db: Session

    def all(self) -> list[Any]:
        """Every list with how many tags are in it. One statement."""
        tags = (
            select(func.count())
            .select_from(Tag)
            .where(Tag.vocabulary_id == Vocabulary.id, Tag.merged_into_id.is_(None))
            .scalar_subquery()
        )
        return list(self.db.execute(select(Vocabulary, tags.label("tags")).order_by(Vocabulary.name)).all())

    def save(self, vocabulary: Vocabulary | None, values: dict[str, Any], words: Sequence[str]) -> Vocabulary:
        """Make or change a list; its tags become exactly *words*, which may be new ones.

        :raises NameTaken: where another list is called so.
        """
        taken = self.db.scalar(select(Vocabulary.id).where(func.lower(Vocabulary.name) == values["name"].lower()))
        if taken is not None and (vocabulary is None or taken != vocabulary.id):
            raise NameTaken(values["name"])
        act = "vocabulary.changed" if vocabulary is not None else "vocabulary.created"
        if vocabulary is None:
            vocabulary = Vocabulary(**values)
            self.db.add(vocabulary)
        for name, value in values.items():
            setattr(vocabulary, name, value)
        self.db.flush()
        self._fill(vocabulary, words)
        record(self.db, act, "vocabulary", vocabulary.id, **values, words=len(words))
        return vocabulary

    def _fill(self, vocabulary: Vocabulary, words: Sequence[str]) -> None:
        cleaned = clean_tags_of_list(words)
        make_tags(self.db, [word.name for word in resolve(self.db, cleaned) if word.id is None])
        ids = [word.id for word in resolve(self.db, cleaned)]
        self.db.execute(
            update(Tag).where(Tag.vocabulary_id == vocabulary.id, Tag.id.not_in(ids)).values(vocabulary_id=None)
        )
        self.db.execute(update(Tag).where(Tag.id.in_(ids)).values(vocabulary_id=vocabulary.id))

    def delete(self, vocabulary: Vocabulary) -> None:
        """Remove a list. Its tags stay."""
        record(self.db, "vocabulary.deleted", "vocabulary", vocabulary.id, name=vocabulary.name)
        self.db.execute(delete(Vocabulary).where(Vocabulary.id == vocabulary.id))

    def synonyms(self, tag: Tag) -> list[str]:
        """The other words for *tag*."""
        return list(
            self.db.scalars(select(TagSynonym.word).where(TagSynonym.tag_id == tag.id).order_by(TagSynonym.folded))
        )


@event.listens_for(Space, "after_update")
def _follow(_mapper: Any, connection: Connection, space: Space) -> None:
    """A list says by address in which spaces it holds: it goes along when a space gets another one."""
    was = inspect(space).attrs.slug.history.deleted
    if not was:
        return
    for number, places in connection.execute(select(Vocabulary.id, Vocabulary.spaces)).all():
        if was[0] in places:
            follows = [space.slug if place == was[0] else place for place in places]
            connection.execute(update(Vocabulary).where(Vocabulary.id == number).values(spaces=follows))


class NameTaken(ValueError):
    """Something else is called so."""


def clean_tags_of_list(words: Sequence[str]) -> list[str]:
    """Words of a list, cleaned, each once. A list may be longer than an item's tags."""
    return list({tag_key(word): word for word in map(clean_tag, words) if word}.values())
