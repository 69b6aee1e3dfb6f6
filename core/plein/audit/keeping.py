"""Jobs of the audit log: taking away what was kept long enough, and seeing that the rest is as it was written."""

from typing import Any

from plein.audit.chain import purge, verify
from plein.audit.log import record


def take_away_old(context: Any) -> None:
    """Remove what is older than ``plein.audit_days``; in parts, so that nobody waits long to write an entry."""
    days = context.site.settings["plein.audit_days"]
    while True:
        with context.session(writes=True) as db:
            if not purge(db, days):
                return


def check(context: Any) -> None:
    """Walk the chain, and record what was found: administration tells of it where something is wrong."""
    found = verify(context.site.engine)
    with context.session(writes=True) as db:
        if found.broken is None:
            record(db, "audit.verified", "audit", found.number, entries=found.entries)
        else:
            record(db, "audit.verified", "audit", found.broken, result="failed", problem=found.problem)
