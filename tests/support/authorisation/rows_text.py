"""Who gets in: the glossary, and what the text of an item brings."""

from authorisation.rules import WRITERS, Row, admin, of_item, roles, signed_in


def no_term(viewer: str, access: str) -> str:
    """A word that is not there, which only who may change the glossary is told."""
    return "none" if viewer == "admin" else admin(viewer, access)


SITE = {
    "GET": {
        "glossary": Row(signed_in),
        "glossary.new": Row(admin),
        "glossary.term": Row(no_term, {"number": "1"}),
    },
    "POST": {
        "glossary.new": Row(admin),
        "glossary.term": Row(no_term, {"number": "1"}),
        "glossary.remove": Row(no_term, {"number": "1"}),
    },
}

#: The pages that every type of content has, below ``{type}.``.
TYPE = {
    "POST": {
        "tick": Row(of_item(*WRITERS), form={"task": "0-done", "base_version": "1"}),
        "advice": Row(of_item(*WRITERS), form={"body": "hier"}),
        "new_advice": Row(roles(*WRITERS), form={"body": "hier"}),
    },
}
