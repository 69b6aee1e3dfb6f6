"""Where a person may be sent next: only to a page of this very site, whatever the form or link says."""

from plein.security.redirects import safe_path


def safe_next(address: str | None, default: str = "/") -> str:
    """*address* when it is a path on this site, else *default*; see :mod:`plein.security.redirects`."""
    return safe_path(address, default)
