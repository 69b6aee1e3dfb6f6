"""Who gets in: files of items, which are for who may see the item."""

from authorisation.rules import ALL, WRITERS, Row, admin, download, of_item, roles

SITE = {
    "GET": {"admin.files": Row(admin)},
    "POST": {"admin.files.judge": Row(admin, {"uid": "no-such-file"}, form={"act": "release"})},
}

SPACE = {
    "GET": {
        "attachment": Row(download, {"uid": "{file}", "name": "note.txt"}),
        "attachment.size": Row(download, {"uid": "{file}", "width": "320", "name": "note.txt"}),
    },
}

TYPE = {
    "GET": {
        "files": Row(of_item(*ALL)),
        "file": Row(of_item(*ALL), {"uid": "{file}"}),
        "file_version": Row(of_item(*ALL), {"uid": "{file}", "version": "1"}),
    },
    "POST": {
        "hold": Row(roles(*WRITERS)),
        "attach": Row(of_item(*WRITERS)),
        "file_remove": Row(of_item(*WRITERS), form={"uid": "{file}"}),
        "file_describe": Row(of_item(*WRITERS), form={"uid": "{file}", "name": "note.txt"}),
        "file_restore": Row(of_item(*WRITERS), form={"uid": "{file}", "version": "1"}),
    },
}
