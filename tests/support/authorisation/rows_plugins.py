"""Who gets in: plugins that are shipped, beyond what their types of content get."""

from authorisation.rules import ALL, EDITORS, Row, of_item, signed_in

SITE = {
    "GET": {
        "hello.page": Row(signed_in),
    },
}

SPACE = {
    "GET": {
        "wiki.place": Row(of_item(*EDITORS)),
    },
    "POST": {
        "lostfound.claim": Row(of_item(*ALL)),
        "wiki.place": Row(of_item(*EDITORS)),
    },
}
