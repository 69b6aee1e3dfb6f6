"""Who gets in: search, saved searches, and what search knows about words."""

from authorisation.rules import COMMON, Row, admin, signed_in


def own(viewer: str, access: str) -> str:
    """Of oneself only: a saved search of another does not exist."""
    return "sign-in" if viewer == "anonymous" else "none"


def nobody_is_there(viewer: str, access: str) -> str:
    """A line that is not there, which only who keeps the list is told."""
    return "none" if viewer == "admin" else admin(viewer, access)


SITE = {
    "GET": {
        "search": Row(signed_in, query={"q": COMMON}),
        "search.suggest": Row(signed_in, query={"q": COMMON}),
        "admin.search": Row(admin),
    },
    "POST": {
        "search.save": Row(signed_in, form={"q": COMMON, "name": "Mine"}),
        "search.forget": Row(own, {"id": "999999"}),
        "admin.search.synonyms": Row(admin, form={"line": ""}),
        "admin.search.synonym_remove": Row(nobody_is_there, {"id": "999999"}),
        "admin.search.bets": Row(admin, form={"words": ""}),
        "admin.search.bet_remove": Row(nobody_is_there, {"id": "999999"}),
        "admin.search.missed_forget": Row(admin, form={"words": "nothing"}),
    },
}
