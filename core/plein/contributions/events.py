"""What people can be told of: declared by features and plugins, chosen from by everybody for themselves."""

from dataclasses import dataclass
from typing import Literal

from plein.contributions.checks import NAME, check_icon, check_title, require

#: How somebody hears of something: in the inbox and by mail at once, in the inbox and in the next digest, in the inbox
#: only, or not.
CHANNELS = ("mail", "digest", "inbox", "off")


@dataclass(frozen=True, slots=True)
class NotificationType:
    """A kind of event that people are told of.

    :param name: ``wiki.page_split``: the plugin's name, a dot, words. The ``kind`` that ``emit`` is called with.
    :param title: what the preferences call it: "A page that you follow is changed".
    :param sentence: what the inbox and mail say, with ``${actor}``, ``${title}`` and the event's own values filled in:
        "${actor} changed ${title}".
    :param icon: a name from the icon set.
    :param goes_to: ``addressed`` for only the people that the event names; ``followers`` for those and whoever follows
        the item, its space, its tags or the person who did it; ``members`` for those and whoever belongs to the space
        and did not say otherwise: for what is new there.
    :param default: how people hear of it who did not choose: one of :data:`CHANNELS`. An administrator can change it.
    :param why: why those whom the event names are told: "You are mentioned". Left out: "It is meant for you".
    :param several: the sentence for what happened more than once at one item while it was unread, with ``${n}``: "There
        are ${n} changes in ${title}". Left out: each time is told apart.
    :param asks: it asks something of whom it names. It then waits for them on the start page, and reaches them also
        where they want to hear nothing of the item or its space.
    """

    name: str
    title: str
    sentence: str
    icon: str = "bell"
    goes_to: Literal["addressed", "followers", "members"] = "addressed"
    default: Literal["mail", "digest", "inbox", "off"] = "digest"
    why: str = ""
    several: str = ""
    asks: bool = False

    def __post_init__(self) -> None:
        require(
            bool(NAME.fullmatch(self.name)), f"notification {self.name!r} needs a name of the form 'plugin.some_word'"
        )
        owner = f"notification {self.name}"
        check_title(owner, self.title)
        check_title(owner, self.sentence)
        check_icon(owner, self.icon)
        require(
            self.goes_to in ("addressed", "followers", "members"),
            f"{owner} goes to {self.goes_to!r}; use addressed, followers or members",
        )
        require(self.default in CHANNELS, f"{owner} has the default {self.default!r}; use {', '.join(CHANNELS)}")
