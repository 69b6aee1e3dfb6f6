"""Tables of profiles: photos, the fields that administrators declare, and what people are found by."""

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plein.blobs import FILE_DIGEST
from plein.db import Base, PrimaryKey

#: What a declared field may hold.
KINDS = ("text", "long", "link", "choice", "date", "yes_no")
#: Who fills a field in.
FILLERS = ("person", "directory", "both")
#: Who sees a part of a profile, from most to least; see ``people.seeing``.
LEVELS = ("colleagues", "shared", "managers")

#: Compared byte by byte on both databases: only then a beginning of a word is a range of an index.
_BYTES = Text().with_variant(Text(collation="C"), "postgresql")


class UserWord(Base):
    """A folded word that a person is found by. Only what each colleague may see of a person is in here."""

    __tablename__ = "user_word"

    word: Mapped[str] = mapped_column(_BYTES, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    #: whether a guest, too, finds the person by it
    for_guests: Mapped[bool]


class UserFacet(Base):
    """A value that people can be filtered by, ``department:zorg`` folded. Only what all colleagues see, as words."""

    __tablename__ = "user_facet"

    key: Mapped[str] = mapped_column(_BYTES, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    #: as the person wrote it
    label: Mapped[str]


class Photo(Base):
    """A photo of a person in one size. The bytes lie in the blob store under ``digest``."""

    __tablename__ = "photo"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    #: pixels, square
    size: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(index=True, info=FILE_DIGEST)


class PersonField(Base):
    """A field of profiles that administrators declared."""

    __tablename__ = "person_field"

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    help: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="text")
    #: the options of a choice
    choices: Mapped[list[str]] = mapped_column(default=list)
    filled_by: Mapped[str] = mapped_column(default="person")
    #: who sees it where the person chose nothing
    level: Mapped[str] = mapped_column(default="colleagues")
    may_choose: Mapped[bool] = mapped_column(default=False)
    in_filter: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class PersonValue(Base):
    """What a declared field holds for a person."""

    __tablename__ = "person_value"
    __table_args__ = (UniqueConstraint("user_id", "field_id"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    field_id: Mapped[int] = mapped_column(ForeignKey("person_field.id", ondelete="CASCADE"), index=True)
    value: Mapped[str] = mapped_column(default="")
    #: whom the person chose to show it to; empty for the field's own level
    level: Mapped[str] = mapped_column(default="")
