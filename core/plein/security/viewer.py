"""Who is looking. The one value every decision about visibility and permission starts from."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person (or nobody) for whom something is read or done.

    :param user_id: the person's row, or ``None`` for somebody who has not signed in.
    :param kind: ``anonymous`` sees nothing; a ``guest`` only the spaces it is a member of.
    :param is_admin: may administer. It does not make hidden spaces or drafts readable.
    :param locale: ``nl`` or ``en`` where the person chose one.
    :param session_id: the sign-in session that this viewer came in by, for sign-out and CSRF.
    """

    user_id: int | None = None
    name: str = ""
    kind: Literal["anonymous", "person", "guest"] = "anonymous"
    is_admin: bool = False
    locale: str | None = None
    session_id: int | None = None

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None


ANONYMOUS = Viewer()
