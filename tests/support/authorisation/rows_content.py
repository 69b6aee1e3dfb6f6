"""Who gets in: what every type of content has."""

from authorisation.rules import ALL, EDITORS, WRITERS, Row, of_item, roles

#: The pages that every type of content has, below ``{type}.``.
TYPE = {
    "GET": {
        "list": Row(roles(*ALL)),
        "new": Row(roles(*WRITERS)),
        "recent": Row(roles(*ALL)),
        "wanted": Row(roles(*ALL)),
        "orphans": Row(roles(*ALL)),
        "trash": Row(roles(*EDITORS)),
        "show": Row(of_item(*ALL)),
        "print": Row(of_item(*ALL)),
        "raw": Row(of_item(*ALL)),
        "links": Row(of_item(*ALL)),
        "history": Row(of_item(*ALL)),
        "version": Row(of_item(*ALL), {"version": "1"}),
        "diff": Row(of_item(*ALL), query={"from": "1", "to": "2"}),
        "edit": Row(of_item(*WRITERS)),
        "move": Row(of_item(*EDITORS)),
        "access": Row(of_item(*ALL)),
        "editors": Row(of_item(*ALL)),
    },
    "POST": {
        "new": Row(roles(*WRITERS)),
        "bulk": Row(roles(*EDITORS), form={"action": "trash", "item": "none"}),
        "preview": Row(roles(*WRITERS), form={"title": "A", "body": "B"}),
        "edit": Row(of_item(*WRITERS)),
        "keep_new": Row(roles(*WRITERS), form={"draft": "", "body": "B"}),
        "keep": Row(of_item(*WRITERS), form={"body": "B"}),
        "be_there": Row(of_item(*WRITERS)),
        "restore": Row(of_item(*WRITERS), form={"version": "1"}),
        "delete": Row(of_item(*EDITORS)),
        "undelete": Row(of_item(*EDITORS, seen_by=EDITORS), {"slug": "trashed"}),
        "move": Row(of_item(*EDITORS)),
        "audience": Row(of_item(*WRITERS), form={"act": "name", "who": "spare"}),
    },
}
