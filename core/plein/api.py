"""All that a plugin may import from Plein. What stands here keeps working within a major version.

The golden file ``tests/contract/plein_api.txt`` shows every change of it in review; the core itself never imports it.
"""

from translationstring import TranslationStringFactory

from plein.audit import record
from plein.content.contexts import ContentContext, item_factory
from plein.content.files.pictures import Picture, pictures_of
from plein.content.listing import listing
from plein.content.models import Content, OfContent
from plein.content.services import ContentService, SaveResult
from plein.content.views.show import item_values
from plein.contributions import (
    Action,
    Block,
    ContentChange,
    ContentType,
    ErasedPerson,
    Field,
    Identity,
    Job,
    NavigationItem,
    NotificationType,
    Permission,
    PersonalData,
    Setting,
    SignInMethod,
)
from plein.db import Base, PrimaryKey, utcnow
from plein.db.aside import aside
from plein.directories import DirectoryContext, DirectorySource, GroupRecord, PersonRecord
from plein.events import emit
from plein.hookspecs import hookimpl
from plein.jobs import JobContext, JobRefused, enqueue
from plein.people.entering import IdentityEntered, end_sessions, enter, enter_identity, safe_next
from plein.people.names import PersonName, names_of
from plein.people.refusals import note_refusal
from plein.people.sign_in import page_to_sign_in
from plein.security.cookies import cookie_name, drop_cookie, set_cookie
from plein.security.limits import limit, place
from plein.security.permissions import ADMIN, PUBLIC, SIGNED_IN
from plein.security.viewer import Viewer
from plein.settings import SettingsError
from plein.spaces.belonging import members_of
from plein.spaces.models import Space
from plein.web.errors import new_reference
from plein.web.request import begin_writing

__all__ = [
    "ADMIN",
    "PUBLIC",
    "SIGNED_IN",
    "Action",
    "Base",
    "Block",
    "Content",
    "ContentChange",
    "ContentContext",
    "ContentService",
    "ContentType",
    "DirectoryContext",
    "DirectorySource",
    "GroupRecord",
    "ErasedPerson",
    "Field",
    "Identity",
    "IdentityEntered",
    "Job",
    "JobContext",
    "JobRefused",
    "NavigationItem",
    "NotificationType",
    "OfContent",
    "Permission",
    "PersonName",
    "PersonRecord",
    "PersonalData",
    "Picture",
    "PrimaryKey",
    "SaveResult",
    "Setting",
    "SettingsError",
    "SignInMethod",
    "Space",
    "Viewer",
    "aside",
    "begin_writing",
    "cookie_name",
    "drop_cookie",
    "emit",
    "end_sessions",
    "enqueue",
    "enter",
    "enter_identity",
    "hookimpl",
    "item_factory",
    "item_values",
    "limit",
    "listing",
    "members_of",
    "names_of",
    "new_reference",
    "note_refusal",
    "page_to_sign_in",
    "pictures_of",
    "place",
    "record",
    "safe_next",
    "set_cookie",
    "translation_factory",
    "utcnow",
]


def translation_factory(domain: str) -> TranslationStringFactory:
    """Marks text for translation: ``_ = translation_factory("plein_wiki")``, then ``_("Page")``.

    :param domain: the plugin's package, whose ``locale/nl/LC_MESSAGES/{domain}.mo`` is found by convention.
    """
    return TranslationStringFactory(domain)
