"""Events: what happened that people may want to hear of, written down in the transaction in which it happened.

Floor 1: whatever tells people something calls :func:`emit`. Who is told, how and when is the inbox's matter.
"""

from plein.events.emitting import emit
from plein.events.models import Event

__all__ = ["Event", "emit"]
