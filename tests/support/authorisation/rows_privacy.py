"""Who gets in: one's own data, and the pages of whoever answers for it."""

from authorisation.rules import Row, admin, signed_in

SITE = {
    "GET": {
        "me.data": Row(signed_in),
        "me.data.download": Row(lambda viewer, _: "sign-in" if viewer == "anonymous" else "none", {"uid": "0" * 36}),
        "admin.privacy": Row(admin),
        "admin.privacy.person": Row(admin, {"login": "spare"}),
        "admin.privacy.register": Row(admin),
        "admin.privacy.register_csv": Row(admin),
    },
    "POST": {
        "me.data.export": Row(signed_in),
        "me.data.ask": Row(signed_in),
        "admin.privacy.answer": Row(admin, {"id": "1"}),
        "admin.privacy.freeze": Row(admin, {"login": "spare"}),
        "admin.privacy.thaw": Row(admin, {"login": "spare"}),
        "admin.privacy.erase": Row(admin, {"login": "spare"}),
    },
}
