"""Nothing is written in an archived space, by whatever way: services ask here, as the policy does for views."""

from plein.spaces.models import Space


class SpaceArchived(ValueError):
    """Something was to be written in a space that is only read."""


def require_living(space: Space | None) -> None:
    """:raises SpaceArchived: where *space* is archived."""
    if space is not None and space.archived_at is not None:
        raise SpaceArchived(f"the space {space.slug} is archived, and only read")
