"""What each check means for items of a type: nothing, advice, or that a text is not saved before it is mended."""

from collections.abc import Sequence

from plein.content.assistant.checks import Check, Finding
from plein.content.policies import Policies, Policy
from plein.web.i18n import _

OFF, ADVICE, REQUIRED = "off", "advice", "required"
_CHOICES = ((OFF, _("Do not look at it")), (ADVICE, _("Advise")), (REQUIRED, _("Require, or the text is not saved")))

_TITLES: dict[Check, str] = {
    "alt": _("Pictures without a text"),
    "headings": _("Headings that skip a level"),
    "empty_heading": _("Headings without words"),
    "link_text": _("Links that do not say where they lead"),
    "bare_link": _("Long addresses as the text of a link"),
    "same_links": _("The same link twice in a row"),
    "table": _("Tables without names of columns"),
    "capitals": _("Words in capitals"),
    "colour": _("Something that only a colour tells"),
    "long_sentence": _("Long sentences"),
    "hard": _("Passages that are hard to read"),
}

#: One for each check. Spaces do not decide: who requires something does so for everybody (EN 301 549, 11.8).
POLICIES: dict[Check, Policy] = {
    check: Policy(f"assistant.{check}", title, "choice", ADVICE, choices=_CHOICES, in_spaces=False)
    for check, title in _TITLES.items()
}


def sorted_out(found: Sequence[Finding], policies: Policies) -> tuple[list[Finding], list[Finding]]:
    """Of *found* what is required to be mended, and what is advice."""
    required = [one for one in found if policies[POLICIES[one.check]] == REQUIRED]
    return required, [one for one in found if policies[POLICIES[one.check]] == ADVICE]
