"""What plugins add to a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from plein.contributions.checks import check_link, check_template, check_title, check_weight, require


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """An entry of the main navigation.

    :param title: what people read.
    :param url: where it leads: a path on this site, or a full https address.
    :param icon: a name from the icon set; empty for none.
    :param weight: lower comes first; equal weights go by the plugin's name.
    """

    title: str
    url: str
    icon: str = ""
    weight: int = 0

    def __post_init__(self) -> None:
        check_link("navigation item", self.title, self.url, self.icon, self.weight)


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do with the item on the page: a link, or a button that posts.

    :param title: a verb: "Print", "Add a question".
    :param url: where it leads or posts to.
    :param icon: a name from the icon set; empty for none.
    :param method: ``GET`` for a link; ``POST`` for whatever changes something (a form with its CSRF token).
    :param weight: lower comes first.
    :param is_main: what people come to the page for: a button of its own, and not one of those under "More".
    """

    title: str
    url: str
    icon: str = ""
    method: Literal["GET", "POST"] = "GET"
    weight: int = 0
    is_main: bool = False

    def __post_init__(self) -> None:
        check_link("action", self.title, self.url, self.icon, self.weight)
        require(
            self.method in ("GET", "POST"),
            f"action {str(self.title)!r} has the method {self.method!r}; use GET or POST",
        )


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page, shown in a slot under its own heading.

    :param title: the heading.
    :param renderer: a template of the plugin: ``plein_wiki:templates/recent.pt``.
    :param values: what the template is given.
    :param weight: lower comes first.
    """

    title: str
    renderer: str
    values: Mapping[str, Any] = field(default_factory=dict)
    weight: int = 0

    def __post_init__(self) -> None:
        check_title("block", self.title)
        owner = f"block {str(self.title)!r}"
        check_template(owner, self.renderer)
        require(isinstance(self.values, Mapping), f"{owner} has {self.values!r} as values; give a dictionary")
        check_weight(owner, self.weight)
