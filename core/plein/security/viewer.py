"""Who is looking. The one value every decision about visibility and permission starts from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class ViewAs:
    """How somebody looks at the site for a moment: with a role in one space, or as a group. Only reading, and only what
    they may see themselves.

    :param space_id: the space in which *role* holds.
    :param role: a role in that space.
    :param group_ids: the group and those it is in, where it is not a role.
    :param title: of the space or group, for the bar that says so.
    """

    space_id: int | None = None
    role: str | None = None
    group_ids: tuple[int, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person (or nobody) for whom something is read or done.

    :param user_id: the person's row, or ``None`` for somebody who has not signed in.
    :param kind: ``anonymous`` sees nothing; a ``guest`` only the spaces it is a member of.
    :param is_admin: may administer. It does not make hidden spaces or drafts readable.
    :param locale: ``nl`` or ``en`` where the person chose one.
    :param session_id: the sign-in session that this viewer came in by, for sign-out and CSRF.
    :param roles: the offices in the site that the person has besides, of :data:`plein.contributions.SITE_ROLES`.
    :param rights: number of the state of the permissions; another number means that somebody changed them.
    :param confirmed_at: when the person last proved who they are, for acts that ask for it anew.
    :param view_as: set while the person looks at the site as a role or a group sees it.
    :param strong: a second factor was proved in this session, here or by a provider that vouches for it.
    :param factor_due: the person must prove a second factor first; until then they have no office in the site.
    :param group_ids: the groups that a colleague is in, by whatever way; a guest is in none.
    :param ladder: where plugins stand (``plein.ladder.Ladder``). A session gives it to a viewer that has none.
    """

    user_id: int | None = None
    name: str = ""
    kind: Literal["anonymous", "person", "guest"] = "anonymous"
    is_admin: bool = False
    locale: str | None = None
    session_id: int | None = None
    roles: frozenset[str] = frozenset()
    rights: int = 0
    confirmed_at: datetime | None = None
    view_as: ViewAs | None = None
    strong: bool = False
    factor_due: bool = False
    group_ids: frozenset[int] = frozenset()
    ladder: Any = None

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None


ANONYMOUS = Viewer()
