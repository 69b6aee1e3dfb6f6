"""Who gets in: signing in, the directory, one's own pages and accounts."""

from authorisation.rules import Row, admin, colleague, public, signed_in


def met(viewer: str, access: str) -> str:
    """Colleagues; a guest who shares no space with somebody is told that there is no such person."""
    return "none" if viewer == "guest" else signed_in(viewer, access)


def nobody(viewer: str, access: str) -> str:
    """What is not there."""
    return "sign-in" if viewer == "anonymous" else "none"


def no_field(viewer: str, access: str) -> str:
    """A declared field that is not there, which only who may declare fields is told."""
    return "none" if viewer == "admin" else admin(viewer, access)


def extender(viewer: str, access: str) -> str:
    """Who keeps accounts, or answers for the guest; guests are told that there is nobody."""
    return "none" if viewer == "guest" else admin(viewer, access)


SITE = {
    "GET": {
        "sign_in": Row(public),
        "sign_in.link": Row(public, {"token": "x" * 43}),
        "people.list": Row(colleague),
        "people.suggest": Row(signed_in, query={"q": "spare"}),
        "people.show": Row(met, {"login": "spare"}),
        "people.photo": Row(nobody, {"id": "{spare}", "version": "0" * 16, "size": "64"}),
        "me.profile": Row(signed_in),
        "admin.users.profile": Row(admin, {"login": "spare"}),
        "admin.users.handover": Row(admin, {"login": "spare"}),
        "admin.handover": Row(admin),
        "admin.fields": Row(admin),
        "admin.fields.new": Row(admin),
        "admin.fields.edit": Row(no_field, {"field": "none"}),
        "admin.fields.delete": Row(no_field, {"field": "none"}),
        "me.preferences": Row(signed_in),
        "me.password": Row(signed_in),
        "me.sessions": Row(signed_in),
        "admin.users": Row(admin),
        "admin.users.new": Row(admin),
        "admin.users.edit": Row(admin, {"login": "spare"}),
    },
    "POST": {
        "me.language": Row(public, form={"locale": "en"}),
        "me.appearance": Row(public, form={"theme": "dark"}),
        "sign_in": Row(public),
        "sign_out": Row(public),
        "sign_in.link": Row(public, {"token": "x" * 43}),
        "me.profile": Row(signed_in),
        "me.photo": Row(signed_in),
        "me.photo.remove": Row(signed_in),
        "admin.users.profile": Row(admin, {"login": "spare"}),
        "admin.users.photo_remove": Row(admin, {"login": "spare"}),
        "people.extend": Row(extender, {"login": "spare"}),
        "admin.users.leave": Row(admin, {"login": "spare"}),
        "admin.users.handover": Row(admin, {"login": "spare"}),
        "admin.fields.new": Row(admin),
        "admin.fields.edit": Row(no_field, {"field": "none"}),
        "admin.fields.move": Row(no_field, {"field": "none"}),
        "admin.fields.delete": Row(no_field, {"field": "none"}),
        "me.preferences": Row(signed_in),
        "me.password": Row(signed_in),
        "me.sessions.end": Row(signed_in, {"id": "{session}"}),
        "me.sessions.end_others": Row(signed_in),
        "admin.users.new": Row(admin),
        "admin.users.edit": Row(admin, {"login": "spare"}),
        "admin.users.suspend": Row(admin, {"login": "spare"}),
        "admin.users.restore": Row(admin, {"login": "spare"}),
        "admin.users.link": Row(admin, {"login": "spare"}),
    },
}
