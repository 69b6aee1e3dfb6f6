"""Who gets in: pages for who makes plugins."""

from authorisation.rules import OFFICES, Row, office

SITE = {"GET": {"admin.style": Row(office(*OFFICES))}}
