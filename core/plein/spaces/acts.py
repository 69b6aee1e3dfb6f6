"""What actions about spaces are called in the audit log."""

from plein.web.i18n import _

ACTS = {
    "session.looked_as": _("Looked at the site as a role or group"),
    "space.inspected": _("Looked into a space for a reason"),
    "space.inspection_ended": _("Stopped looking into a space"),
    "space.created": _("Space started"),
    "space.changed": _("Settings of a space changed"),
    "space.joined": _("Joined a space"),
    "space.asked": _("Asked to join a space"),
    "space.left": _("Left a space"),
    "space.member_added": _("Member added"),
    "space.member_removed": _("Member removed"),
    "space.request_approved": _("Request to join granted"),
    "space.request_declined": _("Request to join declined"),
    "space.role_changed": _("Role in a space changed"),
    "space.group_added": _("Group added to a space"),
    "space.group_removed": _("Group taken out of a space"),
    "space.group_role_changed": _("Role of a group in a space changed"),
    "space.archived": _("Space archived"),
    "space.unarchived": _("Space opened again"),
    "space.placed": _("Space put below another"),
    "space.invited": _("Invited into a space"),
    "space.invitation_revoked": _("Invitation into a space taken back"),
    "space.invitation_renewed": _("Invitation into a space sent again"),
    "space.invitation_accepted": _("Invitation into a space accepted"),
    "space.invitation_declined": _("Invitation into a space declined"),
    "space.template_saved": _("Template of spaces saved"),
    "space.manager_appointed": _("Space given a manager again"),
}
