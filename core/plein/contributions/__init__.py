"""What plugins give to Plein: frozen dataclasses that hooks return, never live objects of the core.

Each checks itself when it is made, so that a mistake is a sentence at the line that wrote it. Knows no feature.
"""

from plein.contributions.content import TEMPLATE_KEYS, ChangeAction, ContentChange, ContentType
from plein.contributions.events import NotificationType
from plein.contributions.fields import FIELD_KINDS, Field
from plein.contributions.jobs import Job
from plein.contributions.pages import Action, Block, NavigationItem
from plein.contributions.people import BASES, ErasedPerson, Identity, PersonalData, SignInMethod
from plein.contributions.permissions import EFFECTS, SITE_ROLES, SPACE_ROLES, Permission
from plein.contributions.settings import Setting, SettingType

__all__ = [
    "BASES",
    "EFFECTS",
    "FIELD_KINDS",
    "SITE_ROLES",
    "SPACE_ROLES",
    "TEMPLATE_KEYS",
    "Action",
    "Block",
    "ChangeAction",
    "ContentChange",
    "ContentType",
    "ErasedPerson",
    "Field",
    "Identity",
    "Job",
    "NavigationItem",
    "NotificationType",
    "Permission",
    "PersonalData",
    "Setting",
    "SettingType",
    "SignInMethod",
]
