"""The settings of the core that administrators may change on a page too: what is asked anew by each request and job."""

from translationstring import TranslationStringFactory

from plein.contributions import Setting

_ = TranslationStringFactory("plein")


def _check_contact(value: str) -> None:
    if value and not value.startswith(("mailto:", "https:")):
        raise ValueError(_("must be an address such as mailto:security@example.nl or https://example.nl/contact"))


PAGE_SETTINGS: tuple[Setting, ...] = (
    Setting(
        "plein.site_name",
        str,
        "Plein",
        "The name of the site, in titles and headings.",
        minimum=1,
        maximum=60,
        on_page=True,
        title=_("Name of the site"),
        hint=_("It stands at the top of each page, and in mail."),
    ),
    Setting(
        "plein.contact",
        str,
        "",
        "Where people report weaknesses and barriers: a mailto: or https: address.",
        maximum=300,
        check=_check_contact,
        on_page=True,
        title=_("Where people report weaknesses and barriers"),
        hint=_("Such as mailto:security@example.nl or https://example.nl/contact."),
    ),
    Setting(
        "plein.presence",
        bool,
        True,
        "Whether people see who else is changing a page. Reading is never noted.",
        on_page=True,
        title=_("Show who else is changing a page"),
        hint=_("Reading is never noted."),
    ),
    Setting(
        "plein.trash_days",
        int,
        30,
        "How many days what was deleted can be put back, before it is gone for good; 0 for always.",
        minimum=0,
        maximum=3_650,
        on_page=True,
        title=_("Days that what was deleted can be put back"),
        hint=_("After that it is gone for good. 0 keeps it always."),
    ),
    Setting(
        "plein.request_days",
        int,
        30,
        "Days that a request to join a space waits for an answer.",
        minimum=1,
        maximum=365,
        on_page=True,
        title=_("Days that a request to join a space waits for an answer"),
    ),
    Setting(
        "plein.guest_invitations",
        bool,
        True,
        "Whether the managers of a space may invite people from outside, as guests, by their e-mail address.",
        on_page=True,
        title=_("Managers of a space may invite guests"),
        hint=_("Guests come from outside, by their e-mail address, and see only the spaces they are in."),
    ),
    Setting(
        "plein.invitation_days",
        int,
        14,
        "Days that an invitation into a space can be accepted.",
        minimum=1,
        maximum=90,
        on_page=True,
        title=_("Days that an invitation into a space can be accepted"),
    ),
    Setting(
        "plein.guest_days",
        int,
        90,
        "Days after which the account of a guest who was invited into a space ends.",
        minimum=1,
        maximum=730,
        on_page=True,
        title=_("Days that the account of an invited guest works"),
    ),
)
