"""Ways to sign in, who somebody is, and what is kept about people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from plein.contributions.checks import PATH, check_icon, check_title, check_weight, require


@dataclass(frozen=True, slots=True)
class SignInMethod:
    """A way to sign in, as a button on the page to sign in, and the rules for whoever comes by it.

    :param name: one word, ``work``: the ``provider`` of the identities that come by it. Never give it to another one.
    :param title: what stands on the button: "Sign in with your work account".
    :param icon: a name from the icon set.
    :param route: of the page where it begins; asked with ``next`` in the query.
    :param weight: lower comes first.
    :param parts: of the route's address, ``{"provider": "work"}``.
    :param creates: make an account for whom it does not know yet; otherwise they are refused.
    :param kind: of the accounts that it makes, ``person`` or ``guest``.
    :param links_logins: somebody new by this way gets the account that has the same login already. Only for a provider
        that gives out names as carefully as administrators do. Never done by e-mail address.
    :param updates: take over name and e-mail address at each entry.
    :param renews: it signs in again without asking anything, so its sessions may last longer.
    :param confirms: asked with ``confirm=1`` in the query, it has the person prove anew who they are, and gives an
        identity that is ``confirmed``: then acts of administration may send people there.
    """

    name: str
    title: str
    icon: str
    route: str
    weight: int = 0
    parts: Mapping[str, str] = field(default_factory=dict)
    creates: bool = False
    kind: Literal["person", "guest"] = "person"
    links_logins: bool = False
    updates: bool = True
    renews: bool = False
    confirms: bool = False

    def __post_init__(self) -> None:
        require(
            isinstance(self.name, str) and bool(PATH.fullmatch(self.name)),
            f"sign-in method {self.name!r} needs a name of lower-case letters, digits and '-', such as 'work'",
        )
        owner = f"sign-in method {self.name}"
        require(self.name not in ("password", "link"), f"{owner} has a name that the core uses itself")
        check_title(owner, self.title)
        check_icon(owner, self.icon)
        check_weight(owner, self.weight)
        require(self.kind in ("person", "guest"), f"{owner} has the kind {self.kind!r}; use person or guest")
        object.__setattr__(self, "parts", MappingProxyType(dict(self.parts)))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is according to a provider, when everything about that has been checked.

    :param provider: the name of the :class:`SignInMethod`.
    :param subject: what the provider calls the person, always the same and never given to another.
    :param login: the name to sign in with; an account that is made gets it.
    :param name: as colleagues know them.
    :param email: their address, for mail; never for finding an account.
    :param email_verified: whether the provider vouches for the address; one that it does not vouch for is not kept.
    :param strong: whether the provider vouches for a second factor.
    :param groups: what it says about groups, in its own words.
    :param fields: what it says about the profile, by field.
    :param session: what the provider calls this session, for when it ends it.
    :param confirmed: the person was asked just now to prove who they are, and did; being known is not enough.
    """

    provider: str
    subject: str
    login: str
    name: str
    email: str = ""
    email_verified: bool = False
    strong: bool = False
    groups: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    session: str = ""
    confirmed: bool = False

    def __post_init__(self) -> None:
        require(bool(self.provider), "an identity needs a provider")
        require(
            isinstance(self.subject, str) and 0 < len(self.subject) <= 255,
            f"an identity of {self.provider} needs a subject of 1 to 255 characters",
        )
        object.__setattr__(self, "groups", tuple(self.groups))
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))


#: Why personal data may be kept (AVG, article 6).
BASES = ("contract", "legal", "public", "interest", "consent")


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What a table keeps about people: a line of the register, of what a person is given, and of what erasing does.

    :param table: ``wiki_vote``. A table may be declared more than once, where several columns name a person.
    :param columns: the first one names the person (it refers to a user); the others are about that person.
    :param purpose: what it is for, in a sentence without jargon.
    :param basis: one of :data:`BASES`.
    :param kept_for: how long, in words.
    :param erased: what happens when a person is erased: ``delete`` the rows, ``unlink`` them (the first column becomes
        empty), or ``keep`` them, under the name that is left.
    :param withheld: columns that are not handed out to the person: keys and hashes.
    """

    table: str
    columns: tuple[str, ...]
    purpose: str
    basis: Literal["contract", "legal", "public", "interest", "consent"]
    kept_for: str
    erased: Literal["delete", "unlink", "keep"] = "delete"
    withheld: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        owner = f"personal data in {self.table}"
        require(bool(self.columns) and not isinstance(self.columns, str), f"{owner} needs a tuple of columns")
        for text in (self.purpose, self.kept_for):
            check_title(owner, text)
        require(self.basis in BASES, f"{owner} has the basis {self.basis!r}; known are {', '.join(BASES)}")
        known = ("delete", "unlink", "keep")
        require(self.erased in known, f"{owner} is erased as {self.erased!r}; known are {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class ErasedPerson:
    """Whoever is being erased. Core makes it and hands it to ``on_user_erased``, while the account still has its name.

    :param login: what is about to be forgotten; ``pseudonym`` is what takes its place.
    """

    user_id: int
    login: str
    name: str
    email: str
    pseudonym: str
