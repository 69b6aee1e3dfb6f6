"""What goes wrong with a store, told apart for people: it is away (503), or it is full (507)."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class BlobsAway(RuntimeError):
    """The store does not answer. Pages without files go on."""


class NoRoom(RuntimeError):
    """There is no room left to store a file; nothing of it was kept."""


def is_full(error: BaseException) -> bool:
    """Whether *error* says that a disk has no room."""
    return isinstance(error, OSError) and error.errno in _FULL


@contextmanager
def no_room() -> Iterator[None]:
    """Turns "no space left on device" into :class:`NoRoom`."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise NoRoom(str(error)) from error
        raise
