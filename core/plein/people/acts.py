"""What actions about people are called in the audit log."""

from plein.web.i18n import _

_ACCOUNTS = {
    "account.created": _("Account made"),
    "account.changed": _("Account changed"),
    "account.activated": _("First sign-in with an account"),
    "account.suspended": _("Account suspended"),
    "account.left": _("Account of somebody who left"),
    "account.extended": _("Longer stay for a guest"),
    "ownership.handed_over": _("Ownership handed over"),
    "account.restored": _("Account works again"),
    "account.link_made": _("Sign-in link made"),
}

_OFFICES = {
    "office.given": _("Role in administration given"),
    "office.taken": _("Role in administration taken away"),
}

_SIGN_IN = {
    "session.started": _("Signed in"),
    "session.refused": _("Sign-in refused"),
    "session.ended": _("Signed out"),
    "session.confirmed": _("Proved again who they are"),
    "session.not_confirmed": _("Proving again who they are, refused"),
    "session.end_refused": _("Message of a provider to sign somebody out, refused"),
    "password.changed": _("Password changed"),
    "password.link_asked": _("Link for another password asked for"),
    "account.link_mailed": _("Sign-in link mailed"),
    "identity.linked": _("Account linked to another way to sign in"),
}

_GROUPS = {
    "group.created": _("Group made"),
    "group.changed": _("Group changed"),
    "group.deleted": _("Group removed"),
    "group.person_added": _("Person put into a group"),
    "group.person_removed": _("Person taken out of a group"),
    "group.nested": _("Group put into another group"),
    "group.unnested": _("Group taken out of another group"),
}

_PROFILES = {
    "profile.changed": _("Profile changed"),
    "profile.photo_changed": _("Photo changed"),
    "profile.photo_removed": _("Photo removed"),
    "person_field.created": _("Field of profiles made"),
    "person_field.changed": _("Field of profiles changed"),
    "person_field.deleted": _("Field of profiles removed"),
}

ACTS = {**_ACCOUNTS, **_OFFICES, **_SIGN_IN, **_GROUPS, **_PROFILES}
