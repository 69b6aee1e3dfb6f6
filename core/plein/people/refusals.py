"""Sign-ins that were refused, in the audit log: which account, by which method, and the kind of reason. No name that
was typed: people type their password there by mistake.
"""

import structlog
from pyramid.request import Request
from sqlalchemy.exc import OperationalError

from plein.audit import record_aside

log = structlog.get_logger(__name__)


def note_refusal(
    request: Request, reason: str, *, method: str, user_id: int | None = None, action: str = "session.refused"
) -> None:
    """Have the refusal written when this request, and its transaction, has ended.

    :param reason: its kind, one word: ``password``, ``link``, ``suspended``, ``unknown``, ….
    :param user_id: the account that it was about, where there is one.
    """
    engine, origin = request.registry["plein.engine"], request.address
    log.info("sign_in.refused", reason=reason, method=method, user=user_id, address=origin)

    def write(_request: Request) -> None:
        try:
            record_aside(
                engine,
                action,
                "user",
                "" if user_id is None else user_id,
                result="refused",
                origin=origin,
                method=method,
                reason=reason,
            )
        except OperationalError:
            # The answer is on its way already; that the database was busy is all there is left to say.
            log.error("sign_in.refusal_not_recorded", reason=reason)

    request.add_finished_callback(write)
