"""The web server: one listening socket, shared by worker processes that each run waitress.

Two or more processes with few threads serve two to three times as many pages as one process with many, and a
process that dies takes no other with it. ``parent`` starts and watches them, ``worker`` serves and drains.
"""

from plein.serving.limits import Limits
from plein.serving.parent import Parent
from plein.serving.sockets import PortTaken, open_sockets

__all__ = ["Limits", "Parent", "PortTaken", "open_sockets"]
