"""The checks that contributions make of themselves: what is wrong is a sentence at the line that wrote it."""

import re

_WORD = r"[a-z][a-z0-9]*"
NAME = re.compile(rf"{_WORD}\.{_WORD}(_[a-z0-9]+)*")
FAMILY_NAME = re.compile(rf"{_WORD}\.\*\.{_WORD}(_[a-z0-9]+)*")
PERMISSION_NAME = re.compile(rf"{_WORD}(\.{_WORD}(_[a-z0-9]+)*){{1,3}}")
PATH = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ICON = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ValueError(sentence)


def check_title(owner: str, title: object) -> None:
    require(isinstance(title, str) and bool(title.strip()), f"{owner} needs a title that is not empty")


def check_link(owner: str, title: str, url: str, icon: str, weight: int) -> None:
    check_title(owner, title)
    owner = f"{owner} {str(title)!r}"
    local = isinstance(url, str) and url.startswith("/") and not url.startswith(("//", "/\\"))
    require(
        local or (isinstance(url, str) and url.startswith(("https://", "http://"))),
        f"{owner} has the address {url!r}; give a path such as '/wiki', or a full https:// address",
    )
    if icon != "":
        check_icon(owner, icon)
    check_weight(owner, weight)


def check_icon(owner: str, icon: object) -> None:
    require(
        isinstance(icon, str) and bool(ICON.fullmatch(icon)),
        f"{owner} has the icon {icon!r}; give a name such as 'file-text'",
    )


def check_weight(owner: str, weight: object) -> None:
    require(type(weight) is int, f"{owner} has the weight {weight!r}; give a whole number, lower comes first")


def check_template(owner: str, template: object) -> None:
    require(
        isinstance(template, str) and bool(re.fullmatch(r"[a-z][a-z0-9_]*:[\w/.-]+\.pt", template)),
        f"{owner} has the template {template!r}; give package:path, such as 'plein_wiki:templates/page.pt'",
    )
