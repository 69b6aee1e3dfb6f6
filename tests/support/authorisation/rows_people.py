"""Who gets in: signing in, the directory, one's own pages and accounts."""

from authorisation.rules import Row, admin, colleague, public, signed_in

SITE = {
    "GET": {
        "sign_in": Row(public),
        "sign_in.link": Row(public, {"token": "x" * 43}),
        "people.list": Row(colleague),
        "people.suggest": Row(signed_in, query={"q": "spare"}),
        "people.show": Row(colleague, {"login": "spare"}),
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
